/**
 * Writes an ONNX graph node by node. A value is the name of a tensor; every method that adds a node answers with
 * the value it makes, so that a model reads as an expression.
 */
import { Ops } from './ops.ts';
import {
  encodeModel,
  type Init,
  make,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
} from './schema.ts';
import {
  type AttributeValue,
  bytesOf,
  type ElementType,
  elementTypeOf,
  elementTypes,
  type ExternalTensor,
  type TensorData,
  type Value,
} from './types.ts';

export type Dimension = number | string;

/** Initializers from this size on lie outside the protobuf, which may not exceed 2 GiB. */
const externalFrom = 4096;
const attributeTypes = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;
/** It has Gelu. */
const usualOpset = 20;
/** What a graph can be written in. */
export const opsets = { least: 13, most: 21 } as const;
/** What came with an opset: older runtimes refuse a newer one. */
const irVersion = (opset: number) => (opset < 15 ? 7n : opset < 19 ? 8n : opset < 21 ? 9n : 10n);

export function attribute(name: string, value: AttributeValue) {
  if (typeof value === 'string')
    return make('attribute', { name, type: attributeTypes.string, s: new TextEncoder().encode(value) });
  if (Array.isArray(value))
    return make('attribute', { name, type: attributeTypes.ints, ints: value.map(BigInt) });
  if (typeof value === 'object')
    return make('attribute', { name, type: attributeTypes.float, f: value.float });
  return make('attribute', { name, type: attributeTypes.int, i: BigInt(value) });
}

export function valueInfo(name: string, type: ElementType, shape: Dimension[], docString = '') {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: BigInt(size) } : { dimParam: size },
  );
  return make('valueInfo', {
    name,
    docString,
    type: { tensorType: { elemType: elementTypes[type], shape: { dim } } },
  });
}

/** The tensor as an initializer in the file itself. */
export function initializer(name: string, data: TensorData, dims: readonly number[]): Tensor {
  return make('tensor', {
    name,
    dataType: elementTypes[elementTypeOf(data)],
    dims: dims.map(BigInt),
    rawData: bytesOf(data),
  });
}

/** The longest constant that is told from others by its values: people read the names. */
const longestNamed = 8;

export class GraphBuilder extends Ops {
  readonly opset: number;
  readonly arithmetic: 'float32' | 'float16';
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #external: ExternalTensor[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #domains = new Set<string>();
  readonly #scopes: string[] = [];
  readonly #labels: string[] = [];
  readonly #named = new Map<string, number>();
  #count = 0;

  constructor(arithmetic: 'float32' | 'float16' = 'float32', opset = usualOpset) {
    super();
    this.arithmetic = arithmetic;
    this.opset = opset;
  }

  /** Nodes added inside `build` are named below `scope`. */
  scope<T>(scope: string, build: () => T): T {
    this.#scopes.push(scope);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Names of nodes only: what a weight is called does not change. */
  override label<T>(label: string, build: () => T): T {
    this.#labels.push(label);
    try {
      return build();
    } finally {
      this.#labels.pop();
    }
  }

  #nameOf(opType: string): string {
    const name = [...this.#scopes, ...this.#labels, opType].join('/');
    const times = this.#named.get(name) ?? 0;
    this.#named.set(name, times + 1);
    return times ? `${name}_${times}` : name;
  }

  /** `name` below the current scope. */
  scoped(name: string): string {
    return [...this.#scopes, name].join('/');
  }

  /** `about`: what it means, for those who open the file. */
  input(name: string, type: ElementType, shape: Dimension[], about = ''): Value {
    this.#inputs.push(valueInfo(name, type, shape, about));
    return name;
  }

  output(name: string, value: Value, type: ElementType, shape: Dimension[], about = ''): void {
    this.label(name, () => this.node('Identity', [value], {}, [name]));
    this.#outputs.push(valueInfo(name, type, shape, about));
  }

  get outputNames(): string[] {
    return this.#outputs.map((output) => output.name);
  }

  /** A named tensor of the model; asked for twice under one name it is stored once. */
  tensor(name: string, data: TensorData, shape: readonly number[]): Value {
    if (this.#initializers.has(name)) return name;
    const bytes = bytesOf(data);
    if (bytes.length < externalFrom) {
      this.#initializers.set(name, initializer(name, data, shape));
      return name;
    }
    this.#external.push({ path: name, data: bytes });
    this.#initializers.set(
      name,
      make('tensor', {
        name,
        dataType: elementTypes[elementTypeOf(data)],
        dims: shape.map(BigInt),
        dataLocation: 1,
        externalData: [
          { key: 'location', value: name },
          { key: 'offset', value: '0' },
          { key: 'length', value: String(bytes.length) },
        ],
      }),
    );
    return name;
  }

  constant(data: TensorData, shape: number[]): Value {
    const sides = shape.length === 1 ? '' : `[${shape.join()}]`;
    const values = data.length > longestNamed ? `#${this.#count++}` : data.join('_');
    const kind = data instanceof BigInt64Array ? 'ints' : elementTypeOf(data);
    return this.tensor(`${kind}${sides}.${values}`, data, shape);
  }

  node(
    opType: string,
    input: Value[],
    attributes: Record<string, AttributeValue> = {},
    outputs: number | string[] = 1,
    domain = '',
  ): Value[] {
    const name = this.#nameOf(opType);
    const output =
      typeof outputs === 'number' ? Array.from({ length: outputs }, (_, i) => `${name}:${i}`) : outputs;
    this.#domains.add(domain);
    this.#nodes.push(
      make('node', {
        name,
        opType,
        domain,
        input,
        output,
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    );
    return output;
  }

  finish(graphName: string): { model: Uint8Array; externalData: ExternalTensor[] } {
    return { model: encodeModel(this.message(graphName)), externalData: this.#external };
  }

  /** Data of the initializers that `message` names and does not hold. */
  get external(): readonly ExternalTensor[] {
    return this.#external;
  }

  message(graphName: string, told: Pick<Init<Model>, 'docString' | 'metadataProps'> = {}): Model {
    return make('model', {
      ...told,
      irVersion: irVersion(this.opset),
      producerName: 'saccade',
      opsetImport: [
        { domain: '', version: BigInt(this.opset) },
        ...[...this.#domains].filter(Boolean).map((domain) => ({ domain, version: 1n })),
      ],
      graph: {
        name: graphName,
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }
}
