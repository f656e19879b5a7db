import * as ort from 'onnxruntime-node';
import type { BuiltGraph } from '../../models/load.ts';

export type Outputs = Record<string, { data: Float32Array; dims: readonly number[] }>;

/** On one core of the CPU: threads would take that of the tests beside it. */
export const openSession = (
  { model, externalData }: { model: Uint8Array | string } & Partial<Pick<BuiltGraph, 'externalData'>>,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> => {
  const how = {
    ...(externalData && { externalData }),
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
    ...options,
  } as const;
  return typeof model === 'string'
    ? ort.InferenceSession.create(model, how)
    : ort.InferenceSession.create(model, how);
};

/** Runs a prepared graph once on the CPU. */
export async function runGraph(
  graph: Pick<BuiltGraph, 'model' | 'externalData'> & { direction?: number | null },
  pixelValues: { data: Float32Array; shape: number[] },
  classIndex?: number,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<Outputs> {
  const session = await openSession(graph, options);
  try {
    const feeds: Record<string, ort.Tensor> = {
      pixel_values: new ort.Tensor('float32', pixelValues.data, pixelValues.shape),
    };
    if (classIndex !== undefined)
      feeds['class_index'] = new ort.Tensor('int64', BigInt64Array.of(BigInt(classIndex)), [1]);
    if (classIndex !== undefined && graph.direction)
      feeds['direction'] = new ort.Tensor('float32', new Float32Array(graph.direction), [1, graph.direction]);
    return (await session.run(feeds)) as unknown as Outputs;
  } finally {
    await session.release();
  }
}
