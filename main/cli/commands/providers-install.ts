/** `saccade providers install` and `remove`: libraries that a package can't carry. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { Throughput } from '../../throughput.ts';
import { whyNot } from '../../inference/runtime/providers.ts';
import { installCuda, removeCuda, type InstallProgress } from '../../providers/cuda.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { interruption } from '../with-library.ts';
import { clearProgress, duration, message, showProgress } from '../terminal.ts';

/** "downloading · 12.0 of 322.9 MB · 4.2 MB/s · 74 s left" */
function installLine({ state, bytes, totalBytes }: InstallProgress, perSecond: number | null): string {
  const megabytes = (count: number) => (count / 1e6).toFixed(1);
  const parts: string[] = [state];
  if (totalBytes !== null) parts.push(`${megabytes(bytes)} of ${megabytes(totalBytes)} MB`);
  if (state === 'downloading' && totalBytes !== null && perSecond)
    parts.push(`${megabytes(perSecond)} MB/s`, `${duration((totalBytes - bytes) / perSecond)} left`);
  return parts.join(' · ');
}

async function print(text: string): Promise<void> {
  const out = standardOutput();
  await out.write(text);
  await out.end();
}

async function install(): Promise<ExitCode> {
  const signal = interruption();
  const throughput = new Throughput(5000);
  try {
    const { folder, record } = await installCuda({
      signal,
      onProgress(progress) {
        if (progress.state === 'downloading') throughput.mark(progress.bytes);
        showProgress(installLine(progress, throughput.perSecond()));
      },
    });
    message(`Installed the CUDA libraries of onnxruntime ${record.onnxruntime} from ${record.address}`);
    message('A Saccade that is open uses them once it is started again.');
    const reason = whyNot('cuda');
    if (reason) message(`CUDA can't compute here yet. ${reason}`);
    await print(`${folder}\n`);
    return exitCodes.allWell;
  } catch (error) {
    if (!signal.aborted) throw error;
    message('Paused; the same command goes on from there.');
    return exitCodes.interrupted;
  } finally {
    clearProgress();
  }
}

async function remove(): Promise<ExitCode> {
  await removeCuda();
  await print('Removed the CUDA libraries.\n');
  return exitCodes.allWell;
}

function onlyCuda(name: string): string {
  if (name !== 'cuda')
    throw new InvalidArgumentError('Only "cuda" is installed on its own; other providers come with Saccade.');
  return name;
}

/** Adds to `saccade providers`. */
export function addProvidersInstall(providers: Command, run: Run): void {
  providers
    .command('install')
    .description(
      'download the libraries of a provider that are too large to ship; goes on where it was interrupted',
    )
    .argument('<provider>', '"cuda", on Linux x64', onlyCuda)
    .action(() => run(install));
  providers
    .command('remove')
    .description('delete them')
    .argument('<provider>', '"cuda"', onlyCuda)
    .action(() => run(remove));
}
