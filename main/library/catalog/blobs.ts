/** Predictions, maps and regions as bytes of the catalog, little-endian. */
import { mapMethod } from '../../contract/values.ts';
import type { SeenRegion, StoredMap } from '../../contract/entities/inspection.ts';

const methods = mapMethod.options;
const mapHeader = 24;

/** 8 bytes each: class index as uint32, probability as float32. */
export function packTop(top: readonly { index: number; probability: number }[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(top.length * 8));
  top.forEach(({ index, probability }, i) => {
    view.setUint32(i * 8, index, true);
    view.setFloat32(i * 8 + 4, probability, true);
  });
  return new Uint8Array(view.buffer);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function unpackTop(bytes: Uint8Array): { index: number; probability: number }[] {
  const view = viewOf(bytes);
  return Array.from({ length: bytes.length / 8 }, (_, i) => ({
    index: view.getUint32(i * 8, true),
    probability: view.getFloat32(i * 8 + 4, true),
  }));
}

export function packMap(map: StoredMap): Uint8Array {
  const packed = new Uint8Array(mapHeader + map.bytes.length);
  const view = viewOf(packed);
  view.setUint32(0, methods.indexOf(map.method), true);
  view.setUint16(4, map.layers[0], true);
  view.setUint16(6, map.layers[1], true);
  view.setInt32(8, map.classIndex ?? -1, true);
  view.setUint16(12, map.rows, true);
  view.setUint16(14, map.columns, true);
  view.setFloat32(16, map.scale, true);
  view.setFloat32(20, map.offset, true);
  packed.set(map.bytes, mapHeader);
  return packed;
}

export function unpackMap(packed: Uint8Array): StoredMap {
  const view = viewOf(packed);
  const classIndex = view.getInt32(8, true);
  return {
    method: methods[view.getUint32(0, true)]!,
    layers: [view.getUint16(4, true), view.getUint16(6, true)],
    classIndex: classIndex < 0 ? null : classIndex,
    rows: view.getUint16(12, true),
    columns: view.getUint16(14, true),
    scale: view.getFloat32(16, true),
    offset: view.getFloat32(20, true),
    bytes: new Uint8Array(packed.subarray(mapHeader)),
  };
}

export function packRegion({ x, y, width, height }: SeenRegion): Uint8Array {
  return new Uint8Array(new Float64Array([x, y, width, height]).buffer);
}

export function unpackRegion(bytes: Uint8Array): SeenRegion {
  const view = viewOf(bytes);
  const [x, y, width, height] = [0, 8, 16, 24].map((at) => view.getFloat64(at, true));
  return { x: x!, y: y!, width: width!, height: height! };
}
