/**
 * Cosine of a few queries with very many vectors as one ONNX graph: the vectors are the weights of
 * com.microsoft.MatMulNBits in eight bits, which onnxruntime multiplies with integer instructions. Scores are rounded,
 * so what they find are candidates: models/search/nearest.ts scores those again.
 */
import type { Features } from '../heads/apply.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { ExternalTensor } from '../onnx/types.ts';

/**
 * Numbers that share a scale. Measured on 100,000 × 768, one thread: 7.8 ms with 64, 10.0 with 32, 8.4 with 128, 8.0
 * with 256; four bits took 5.6 to 7.1 ms, too little less for scores that are sixteen times as coarse.
 */
const blockSize = 64;
/** Zero of unsigned eight bits, MatMulNBits' own default. */
const zero = 128;

export interface RoundedVectors {
  /** [n, blocks, 64], unsigned, 128 is zero; the last block filled up with it. */
  data: Uint8Array;
  /** [n, blocks] */
  scale: Float32Array;
  count: number;
  /** Numbers of a vector. */
  length: number;
}

const blocksOf = (length: number): number => Math.ceil(length / blockSize);

/** Room for `count` vectors, all zero yet. */
export function roomForVectors(count: number, length: number): RoundedVectors {
  const blocks = blocksOf(length);
  return {
    data: new Uint8Array(count * blocks * blockSize).fill(zero),
    scale: new Float32Array(count * blocks),
    count,
    length,
  };
}

/** Puts vectors, of any length, as unit vectors in eight bits from row `first` on. One of zeros stays zero. */
export function roundInto(room: RoundedVectors, first: number, { data, length }: Features): void {
  const blocks = blocksOf(length);
  // Numbers of 16 bits are widened once, not each time they are looked at.
  const wide = data instanceof Float32Array ? data : new Float32Array(data);
  for (let row = 0; row * length < wide.length; row++) {
    const at = row * length;
    let squares = 0;
    for (let i = at; i < at + length; i++) squares += wide[i]! * wide[i]!;
    const norm = Math.sqrt(squares) || 1;
    for (let block = 0; block < blocks; block++) {
      const start = at + block * blockSize;
      const end = Math.min(start + blockSize, at + length);
      let most = 0;
      for (let i = start; i < end; i++) most = Math.max(most, Math.abs(wide[i]!));
      if (most === 0) continue;
      const place = (first + row) * blocks + block;
      room.scale[place] = most / 127 / norm;
      const to = place * blockSize - start;
      // Half up, as Math.round: the conversion to a whole number cuts.
      for (let i = start; i < end; i++) room.data[to + i] = (wide[i]! / most) * 127 + zero + 0.5;
    }
  }
}

export interface SearchGraph {
  model: Uint8Array;
  externalData: ExternalTensor[];
}

/** Inputs: `a` float32 [A, F], `b` float32 [B, F]. Output: `products` float32 [A, B], their scalar products. */
export function buildProductsGraph(length: number): SearchGraph {
  const g = new GraphBuilder('float32');
  const a = g.input('a', 'float32', ['rows', length]);
  const b = g.input('b', 'float32', ['columns', length]);
  g.output('products', g.op('Gemm', [a, b], { transB: 1 }), 'float32', ['rows', 'columns']);
  return g.finish('products');
}

/** Input: `query` float32 [Q, F], of length 1. Output: `scores` float32 [Q, n], cosines. */
export function buildSearchGraph({ data, scale, count, length }: RoundedVectors): SearchGraph {
  const g = new GraphBuilder('float32');
  const query = g.input('query', 'float32', ['queries', length]);
  const scores = g.op(
    'MatMulNBits',
    [
      query,
      g.tensor('vectors', data, [count, blocksOf(length), blockSize]),
      g.tensor('vectors.scale', scale, [count * blocksOf(length)]),
    ],
    // Accuracy level 4: the query is rounded to eight bits too.
    { K: length, N: count, bits: 8, block_size: blockSize, accuracy_level: 4 },
    'com.microsoft',
  );
  g.output('scores', scores, 'float32', ['queries', count]);
  return g.finish('search');
}
