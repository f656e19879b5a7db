/** Whether this processor adds products of unsigned by signed bytes without stopping at the end of 16 bits. */
import { signedSum } from '../../../models/quantize.ts';
import { createCpuSession } from './inference-session.ts';

let found: Promise<boolean> | null = null;

/** Tried once a process: on x86 they hold with VNNI, and without it they do not. */
export function sumsHold(): Promise<boolean> {
  return (found ??= tried());
}

async function tried(): Promise<boolean> {
  const { model, x, sum } = signedSum();
  const session = await createCpuSession({ model, externalData: [] }, 1);
  const outputs = await session.run({ x: { type: 'float32', data: x, dims: [1, x.length] } });
  await session.release();
  return outputs['sum']!.data.every((value) => value === sum);
}
