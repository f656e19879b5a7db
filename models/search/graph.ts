/**
 * Cosine of a few queries with very many vectors as one ONNX graph: the vectors are the weights of
 * com.microsoft.MatMulNBits in eight bits, which onnxruntime multiplies with integer instructions; the best of a chunk
 * leave the graph. Scores are rounded, so what comes back are candidates: models/search/nearest.ts scores them again.
 */
import type { Features } from '../heads/apply.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { ExternalTensor } from '../onnx/types.ts';

/** Vectors of one graph: 77 MB at 768 numbers, small enough that sessions get ready one after the other. */
export const chunkSize = 100_000;
/** How many leave a chunk. */
export const candidates = 100;
/** Numbers that share a scale. Multiples of 16 are allowed; longer blocks are faster and coarser. */
const blockSize = 64;
/** Zero of unsigned eight bits, MatMulNBits' own default. */
const zero = 128;

export interface RoundedVectors {
  /** [n, blocks, 64], unsigned, 128 is zero; the last block filled up with it. */
  data: Uint8Array;
  /** [n, blocks] */
  scale: Float32Array;
  blocks: number;
}

/** Unit vectors of rows `start` to before `end` in eight bits. A vector of zeros stays zero. */
export function roundVectors({ data, length }: Features, start: number, end: number): RoundedVectors {
  const blocks = Math.ceil(length / blockSize);
  const rounded = new Uint8Array((end - start) * blocks * blockSize).fill(zero);
  const scale = new Float32Array((end - start) * blocks);
  for (let row = start; row < end; row++) {
    const at = row * length;
    let squares = 0;
    for (let i = at; i < at + length; i++) squares += data[i]! * data[i]!;
    const norm = Math.sqrt(squares) || 1;
    for (let block = 0; block < blocks; block++) {
      const first = at + block * blockSize;
      const last = Math.min(first + blockSize, at + length);
      let most = 0;
      for (let i = first; i < last; i++) most = Math.max(most, Math.abs(data[i]!));
      if (most === 0) continue;
      const place = (row - start) * blocks + block;
      scale[place] = most / 127 / norm;
      for (let i = first; i < last; i++)
        rounded[place * blockSize + i - first] = Math.round((data[i]! / most) * 127) + zero;
    }
  }
  return { data: rounded, scale, blocks };
}

export interface SearchGraph {
  model: Uint8Array;
  externalData: ExternalTensor[];
}

/**
 * Input: `query` float32 [Q, F], of any length. Outputs, float32: `scores` [Q, k] and `rows` [Q, k], counted from
 * `start`, best first; k = min(`candidates`, end − start).
 */
export function buildSearchGraph(features: Features, start: number, end: number): SearchGraph {
  const count = end - start;
  const { length } = features;
  const { data, scale, blocks } = roundVectors(features, start, end);
  const g = new GraphBuilder('float32');
  const query = g.input('query', 'float32', ['queries', length]);
  const scores = g.op(
    'MatMulNBits',
    [
      query,
      g.tensor('vectors', data, [count, blocks, blockSize]),
      g.tensor('vectors.scale', scale, [count * blocks]),
    ],
    // Accuracy level 4: the query is rounded to eight bits too.
    { K: length, N: count, bits: 8, block_size: blockSize, accuracy_level: 4 },
    'com.microsoft',
  ); // [Q, n]
  const k = Math.min(candidates, count);
  const [best, rows] = g.node('TopK', [scores, g.ints(k)], { axis: -1, largest: 1, sorted: 1 }, 2);
  g.output('scores', best!, 'float32', ['queries', k]);
  g.output('rows', g.cast(rows!, 'float32'), 'float32', ['queries', k]); // whole below 2^24
  return g.finish('search');
}
