import type { Outputs } from './inference-session.ts';

/** A copy of one photo's part of an output whose first axis is the batch; null where the graph has no such output. */
export function row(outputs: Outputs, name: string, i: number): Float32Array | null {
  const output = outputs[name];
  if (!output) return null;
  const length = output.dims.slice(1).reduce((a, b) => a * b, 1);
  return output.data.slice(i * length, (i + 1) * length);
}
