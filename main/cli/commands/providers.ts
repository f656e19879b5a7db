/** `saccade providers` */
import type { Command } from 'commander';
import type { ProviderReport } from '../../contract/entities/placement.ts';
import { unwrap } from '../../contract/result.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { addProvidersInstall } from './providers-install.ts';
import { withLibrary } from '../with-library.ts';
import { harmless, showProgress } from '../terminal.ts';

export function providerTable(reports: ProviderReport[]): string {
  const head = ['PROVIDER', 'USABLE', 'DEVICE', 'DRIVER', 'PHOTOS/S', 'PARITY', 'ON CPU', ''];
  const rows = reports.map((report) => [
    report.provider,
    report.usable ? 'yes' : 'no',
    harmless(report.device),
    harmless(report.driver),
    report.photosPerSecond === null ? '' : report.photosPerSecond.toFixed(1),
    report.parityError === null ? '' : report.parityError.toExponential(1),
    report.nodesOnCpu === null || report.nodesOnCpu === undefined ? '' : String(report.nodesOnCpu),
    harmless(report.reason ?? ''),
  ]);
  return formatTable([head, ...rows], undefined, [4, 5, 6]);
}

export function addProviders(providers: Command, run: Run): void {
  providers
    .option('--json', 'as JSON')
    .option('--no-measure', 'without measuring speed and parity with the current model')
    .action(({ json, measure }: { json?: boolean; measure: boolean }) =>
      run(() =>
        withLibrary(async (library, signal) => {
          if (measure) showProgress('Measuring …');
          const { items } = unwrap(await library.ask('providers.list', { measure }, { signal }));
          const out = standardOutput();
          await out.write(json ? `${JSON.stringify(items, null, 2)}\n` : providerTable(items));
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
  addProvidersInstall(providers, run);
}
