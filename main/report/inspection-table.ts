/** The numbers of inspections as one Parquet file, a row a photo: the tensors of inspection-file.ts, flat, with their shapes. */
import { inspectionTensors } from '../contract/inspection-file.ts';
import type { Inspection } from '../contract/entities/inspection.ts';
import type { Attended } from '../contract/entities/trial.ts';
import { type Column, float, int, listOfOne, one, text } from './parquet-columns.ts';
import { openTable, type TableWriter } from './parquet.ts';

export interface InspectionRow {
  /** As shown to people. */
  path: string;
  inspection: Inspection;
  /** Null: nobody asked how far heads look. */
  attended: Attended | null;
}

type Flat = InspectionRow & { tensors: ReturnType<typeof inspectionTensors> };

/** Attention of all heads takes a tenth of a megabyte a photo, and more of larger models. */
const heldRows = 100;

/** Names of docs/command-line.md; the model decides which there are. */
const names = [
  'logits',
  'feature',
  'cls_attention',
  'rollout',
  'class_map',
  'class_special',
  'class_mlp',
  'class_bias',
  'class_start',
  'class_head',
  'attention_distance',
];

function columns(): Column<Flat>[] {
  const plain = { how: { encoding: 'PLAIN', statistics: false } } as const;
  return [
    one('path', text, ({ path }) => path, true),
    one('model', text, ({ inspection }) => inspection.model, true),
    one('head', text, ({ inspection }) => inspection.head),
    one('label', text, ({ inspection }) => inspection.predictions[0]?.label.name),
    one('probability', float, ({ inspection }) => inspection.predictions[0]?.probability),
    one('class_index', int, ({ inspection }) => inspection.contribution?.classIndex),
    one('layers', int, ({ inspection }) => inspection.layers),
    one('heads', int, ({ inspection }) => inspection.heads),
    one('rows', int, ({ inspection }) => inspection.grid?.rows),
    one('columns', int, ({ inspection }) => inspection.grid?.columns),
    ...(['x', 'y', 'width', 'height'] as const).map((side) =>
      one<Flat>(`seen_${side}`, float, ({ inspection }) => inspection.seen[side]),
    ),
    ...names.map((name) => ({
      ...listOfOne<Flat>(name, float, ({ tensors }) => {
        const data = tensors[name]?.data;
        return data ? Array.from(data as Float32Array) : null;
      }),
      ...plain,
    })),
  ];
}

/** @throws SaccadeError `cannot-write` */
export async function openInspectionTable(path: string): Promise<TableWriter<InspectionRow>> {
  const order =
    'row-major: [C] logits, [F] feature, [L, H, N] cls_attention, [N] rollout, [L, N] class_map, [L, H] attention_distance';
  const table = await openTable(path, columns(), heldRows, { shapes: order });
  return {
    ...table,
    add(row) {
      const tensors = inspectionTensors(row.inspection);
      const { attended } = row;
      if (attended) tensors['attention_distance'] = distanceTensor(attended);
      return table.add({ ...row, tensors });
    },
  };
}

/** [L, H] */
export const distanceTensor = ({ layers, heads, distance }: Attended) => ({
  shape: [layers, heads],
  data: distance,
});
