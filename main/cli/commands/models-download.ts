/** `saccade models catalogue`, `download`, `downloads`: what comes from the Hugging Face Hub. */
import type { Command } from 'commander';
import { SaccadeError } from '../../../models/error.ts';
import type { RequestOf } from '../../rpc/calls.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { DownloadStatus } from '../../contract/entities/download.ts';
import type { CatalogueEntry } from '../../contract/entities/model.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { answersOf, withAnswers, type AnswerOptions } from '../answers.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { withLibrary } from '../with-library.ts';
import { clearProgress, duration, harmless, message, showProgress } from '../terminal.ts';

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** What nobody published stays empty. */
export function catalogueTable(entries: CatalogueEntry[]): string {
  const head = ['NAME', 'PARAMETERS', 'INPUT', 'PATCH', 'TOP-1', 'LICENCE', 'REPOSITORY', ''];
  const rows = entries.map((entry) => [
    entry.id,
    entry.parameters === null ? '' : `${(entry.parameters / 1e6).toFixed(1)} M`,
    entry.input ? `${entry.input.width} × ${entry.input.height}` : '',
    entry.patchSize === null ? '' : String(entry.patchSize),
    entry.top1 ? `${entry.top1.percent.toFixed(1)} %` : '',
    entry.licence ?? '',
    entry.repository,
    entry.installed.length > 0 ? `installed: ${entry.installed.join(', ')}` : '',
  ]);
  return formatTable(
    [head, ...rows].map((row) => row.map(harmless)),
    undefined,
    [1, 3, 4],
  );
}

/** "model.safetensors · 12.0 of 22.9 MB · 4.2 MB/s · 3 s left" */
export function downloadLine(status: DownloadStatus): string {
  const { file, bytes, totalBytes, bytesPerSecond, secondsLeft, state } = status;
  const parts = [state === 'downloading' ? (file ?? state) : state];
  if (totalBytes !== null) parts.push(`${(bytes / 1e6).toFixed(1)} of ${megabytes(totalBytes)}`);
  if (bytesPerSecond !== null) parts.push(`${megabytes(bytesPerSecond)}/s`);
  if (secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(' · ');
}

export function downloadTable(downloads: DownloadStatus[]): string {
  const rows = downloads.map((status) => [
    status.repository,
    downloadLine(status),
    status.error ? `${status.error.code}: ${status.error.message}` : '',
  ]);
  return rows.length > 0 ? formatTable(rows.map((row) => row.map(harmless))) : 'No downloads.\n';
}

async function print(text: string): Promise<void> {
  const out = standardOutput();
  await out.write(text);
  await out.end();
}

const goesOn = (status: DownloadStatus) =>
  !['installed', 'failed', 'cancelled', 'paused'].includes(status.state);

/** Resolves when it has ended, paused by itself, or was paused by Ctrl-C. */
async function follow(
  library: Library,
  request: RequestOf<LibraryVerbs, 'models.download'>,
  interrupted: AbortSignal,
): Promise<DownloadStatus> {
  const latest = new Map<string, DownloadStatus>();
  let wake = () => {};
  let gone: string | null = null;
  const stopListening = library.onEvent((name, payload) => {
    if (name === 'models.download') {
      const status = payload as DownloadStatus;
      latest.set(status.id, status);
    }
    if (name === 'process.restarted' && (payload as { process: string }).process === 'library')
      gone = (payload as { reason: string }).reason;
    wake();
  });
  interrupted.addEventListener('abort', () => wake());
  try {
    const { id } = unwrap(await library.ask('models.download', request));
    for (let told = ''; ;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      if (gone !== null)
        throw new SaccadeError(
          'process-ended',
          `The library process ${gone}; the same command goes on from there.`,
        );
      if (interrupted.aborted) return unwrap(await library.ask('models.pauseDownload', { downloadId: id }));
      const status = latest.get(id);
      if (status) {
        if (!goesOn(status)) return status;
        showProgress(downloadLine(status));
        const where = status.revision ? `${status.repository}@${status.revision}` : '';
        if (where && where !== told) message(`Downloading ${(told = where)}`);
      }
      await promise;
    }
  } finally {
    stopListening();
    clearProgress();
  }
}

async function downloadModel(request: RequestOf<LibraryVerbs, 'models.download'>): Promise<ExitCode> {
  return withLibrary(async (library, interrupted) => {
    const status = await follow(library, request, interrupted);
    if (status.state === 'installed') {
      message(`Installed ${status.repository}@${status.revision}`);
      await print(`${status.model}\n`);
      return exitCodes.allWell;
    }
    if (interrupted.aborted) {
      message('Paused; the same command goes on from there.');
      return exitCodes.interrupted;
    }
    const error = status.error ?? { code: 'cancelled', message: 'The download was stopped.' };
    return unwrap({ ok: false, error });
  });
}

async function discard(source: string): Promise<ExitCode> {
  return withLibrary(async (library) => {
    const { items } = unwrap(await library.ask('models.downloads', {}));
    const found = items.filter(({ repository }) => repository === source);
    for (const { id } of found) unwrap(await library.ask('models.cancelDownload', { downloadId: id }));
    if (found.length === 0) throw new SaccadeError('no-download', `No download of ${source} waits.`);
    await print(`Deleted what had arrived of ${harmless(source)}.\n`);
    return exitCodes.allWell;
  });
}

/** Adds to `saccade models` what connects to the Hub, and what the catalogue knows without. */
export function addModelsDownload(models: Command, run: Run): void {
  models
    .command('catalogue')
    .description('well-known models that can be downloaded; asks nobody')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      run(() =>
        withLibrary(async (library) => {
          const { items } = unwrap(await library.ask('models.catalogue', {}));
          await print(json ? `${JSON.stringify(items, null, 2)}\n` : catalogueTable(items));
          return exitCodes.allWell;
        }),
      ),
    );
  withAnswers(
    models
      .command('download')
      .description('fetch a model from the Hugging Face Hub and install it; goes on where it was paused')
      .argument('<source>', 'name of the catalogue, or owner/name[@revision]')
      .option('--name <name>', 'to call it by'),
  ).action((source: string, { name, ...told }: { name?: string } & AnswerOptions) =>
    run(() => downloadModel({ source, name, answers: answersOf(told) ?? undefined })),
  );
  models
    .command('downloads')
    .description('downloads that wait')
    .option('--discard <owner/name>', 'delete what has arrived of one')
    .action(({ discard: source }: { discard?: string }) =>
      run(() =>
        source
          ? discard(source)
          : withLibrary(async (library) => {
              await print(downloadTable(unwrap(await library.ask('models.downloads', {})).items));
              return exitCodes.allWell;
            }),
      ),
    );
}
