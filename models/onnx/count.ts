/**
 * How many nodes and other parts an ONNX file has, before any of them is read: a file of a few megabytes can hold so
 * many that reading them takes gigabytes. Walks protobuf's tags and lengths and looks at nothing else.
 */
type Message = 'model' | 'graph' | 'function' | 'node' | 'attribute' | 'part';

/** Field → the message in it, of those that hold nodes. */
const inside: Record<Message, ReadonlyMap<number, Message>> = {
  model: new Map<number, Message>([[7, 'graph'], [25, 'function']]), // prettier-ignore
  graph: new Map<number, Message>([[1, 'node'], [5, 'part'], [11, 'part'], [12, 'part'], [13, 'part'], [15, 'part']]), // prettier-ignore
  function: new Map<number, Message>([[7, 'node']]),
  node: new Map<number, Message>([[5, 'attribute']]),
  attribute: new Map<number, Message>([[6, 'graph'], [11, 'graph']]), // prettier-ignore
  part: new Map(),
};
const deepest = 100;

class Counter {
  nodes = 0;
  parts = 0;
  readonly #bytes: Uint8Array;
  readonly #most: { nodes: number; parts: number };
  #at = 0;

  constructor(bytes: Uint8Array, most: { nodes: number; parts: number }) {
    this.#bytes = bytes;
    this.#most = most;
  }

  get isOver(): boolean {
    return this.nodes > this.#most.nodes || this.parts > this.#most.parts;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('breaks off');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  walk(message: Message, end: number, depth = 0): void {
    while (this.#at < end && !this.isOver) {
      const tag = this.#varint();
      const wire = tag & 7;
      if (wire === 0) this.#varint();
      else if (wire === 1) this.#at += 8;
      else if (wire === 5) this.#at += 4;
      else if (wire !== 2) throw new RangeError('no protobuf');
      if (wire !== 2) continue;
      const length = this.#varint();
      const stop = this.#at + length;
      if (stop > end) throw new RangeError('breaks off');
      const within = inside[message].get(Math.floor(tag / 8));
      if (within === 'node') this.nodes++;
      if (within) this.parts++;
      if (within && within !== 'part') {
        if (depth > deepest) throw new RangeError('nested too deeply');
        this.walk(within, stop, depth + 1);
      }
      this.#at = stop;
    }
  }
}

/** Counts until one of them is over `most`. Throws a RangeError on bytes that are no protobuf. */
export function countParts(
  bytes: Uint8Array,
  most: { nodes: number; parts: number },
): { nodes: number; parts: number; isOver: boolean } {
  const counter = new Counter(bytes, most);
  counter.walk('model', bytes.length);
  const { nodes, parts, isOver } = counter;
  return { nodes, parts, isOver };
}
