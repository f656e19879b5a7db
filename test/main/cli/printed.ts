/** What the command line prints of rows. */
import type { Destination } from '../../../main/cli/destination.ts';
import { formatSink, type Format } from '../../../main/cli/formats.ts';
import type { Outcome } from '../../../main/report/outcome.ts';

export async function printed(
  format: Exclude<Format, 'parquet'>,
  outcomes: Iterable<Outcome>,
  topK = 2,
): Promise<string> {
  let text = '';
  const destination: Destination = {
    abandoned: new AbortController().signal,
    async write(part) {
      text += part;
    },
    async end() {},
    async drop() {},
  };
  const sink = formatSink(format, destination, topK);
  for (const outcome of outcomes) await sink.add(outcome);
  await sink.end(true);
  return text;
}
