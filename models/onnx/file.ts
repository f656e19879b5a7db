/**
 * An ONNX file written piece by piece, so that weights are never in memory twice. Inside it up to protobuf's 2 GiB,
 * beyond that in a file beside it (onnx.proto, TensorProto.external_data).
 */
import { altered, encodeModel, encodePart, make, type Model, type Tensor } from './schema.ts';
import type { ExternalTensor } from './types.ts';

/** What protobuf's readers take. */
const mostInside = 2 ** 31 - 1;
const alignment = 64;

/** Field numbers of onnx.proto with their wire type, length-delimited. */
const tags = { graphOfModel: (7 << 3) | 2, initializerOfGraph: (5 << 3) | 2, rawDataOfTensor: (9 << 3) | 2 };

function delimited(tag: number, length: number): Uint8Array {
  const bytes = [tag];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

interface Large {
  tensor: Tensor;
  data: Uint8Array;
}

/** Initializers whose data lie outside, and the graph without them. */
function divided(message: Model, external: readonly ExternalTensor[]): { small: Model; large: Large[] } {
  const data = new Map(external.map((each) => [each.path, each.data]));
  const graph = message.graph!;
  const large = graph.initializer.flatMap((tensor) => {
    const bytes = tensor.dataLocation === 1 ? data.get(tensor.name) : undefined;
    return bytes ? [{ tensor, data: bytes }] : [];
  });
  const names = new Set(large.map(({ tensor }) => tensor.name));
  const kept = graph.initializer.filter(({ name }) => !names.has(name));
  return { small: altered(message, { graph: altered(graph, { initializer: kept }) }), large };
}

function inside({ tensor: { name, dataType, dims }, data }: Large) {
  const about = encodePart('tensor', make('tensor', { name, dataType, dims }));
  const raw = delimited(tags.rawDataOfTensor, data.length);
  const field = delimited(tags.initializerOfGraph, about.length + raw.length + data.length);
  return { pieces: [field, about, raw, data], bytes: field.length + about.length + raw.length + data.length };
}

export interface OnnxPieces {
  model: Uint8Array[];
  /** Of the file beside it; null: everything is inside. */
  data: Uint8Array[] | null;
}

/**
 * @param dataFile name of the file beside it, if one is needed
 * @param most bytes inside; tests ask for fewer
 */
export function onnxPieces(
  message: Model,
  external: readonly ExternalTensor[],
  dataFile: string,
  most = mostInside,
): OnnxPieces {
  const { small, large } = divided(message, external);
  const graph = encodePart('graph', small.graph!);
  const head = encodeModel(altered(small, { graph: undefined }));
  const tensors = large.map(inside);
  const graphBytes = tensors.reduce((sum, { bytes }) => sum + bytes, graph.length);
  const start = delimited(tags.graphOfModel, graphBytes);
  if (head.length + start.length + graphBytes <= most)
    return { model: [head, start, graph, ...tensors.flatMap(({ pieces }) => pieces)], data: null };
  const data: Uint8Array[] = [];
  let at = 0;
  const pointers = large.map(({ tensor: { name, dataType, dims }, data: bytes }) => {
    const gap = -at & (alignment - 1);
    data.push(new Uint8Array(gap), bytes);
    const offset = at + gap;
    at = offset + bytes.length;
    const externalData = [
      { key: 'location', value: dataFile },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(bytes.length) },
    ];
    return make('tensor', { name, dataType, dims, dataLocation: 1, externalData });
  });
  const initializer = [...small.graph!.initializer, ...pointers];
  return { model: [encodeModel(altered(small, { graph: altered(small.graph!, { initializer }) }))], data };
}
