/** What an exported file says of itself in its metadata, for others and for an import: text, or JSON. */
import { posix, win32 } from 'node:path';
import { z } from 'zod';
import { SaccadeError } from '../error.ts';
import { holdsFrom } from '../heads/apply.ts';
import type { Head } from '../heads/head.ts';
import type { Doubt, Label, ModelManifest } from '../manifest.ts';
import { assumption, doubt, label, outputActivation, preprocessing, size } from '../manifest-schema.ts';
import type { Model } from '../onnx/schema.ts';

/** Where a model is from: a folder of whoever imported it tells nobody else, and names them. */
const publicSource = (source: string | null) =>
  source && !posix.isAbsolute(source) && !win32.isAbsolute(source) ? source : 'unknown';

/** Whether every label has a probability of its own. */
export const isEach = (manifest: ModelManifest, head: Head | null): boolean =>
  head ? head.answers === 'any' : manifest.outputActivation === 'sigmoid';

/** A head of several answers is also unsure of the decision that is least sure, which no model is. */
function doubtOf(manifest: ModelManifest, head: Head | null): Doubt | null {
  return head
    ? { method: 'max-probability', threshold: holdsFrom(head) ?? head.doubt.threshold }
    : manifest.doubt;
}

export function metadataOf(manifest: ModelManifest, head: Head | null, labels: readonly Label[]) {
  const {
    preprocessing: photos,
    input,
    grid,
    calibration,
    licence,
    source,
    weights,
    name,
    assumed,
  } = manifest;
  const entries: Record<string, unknown> = {
    model: name,
    model_sha256: weights.sha256,
    licence: licence ?? 'unknown',
    source: publicSource(source),
    ...(head && { head: head.name }),
    labels: labels.map((each) => each.name),
    classes: labels,
    preprocessing: { ...photos, input },
    patches: grid ?? undefined,
    activation: isEach(manifest, head) ? 'sigmoid' : 'softmax',
    assumed: assumed?.filter((each) => !head || each !== 'labels'),
    temperature: (head?.calibration ?? calibration).temperature,
    doubt: doubtOf(manifest, head) ?? undefined,
  };
  return Object.entries(entries)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({
      key: `saccade.${key}`,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }));
}

const said = z.object({
  licence: z.string().optional(),
  labels: z.array(z.string()),
  classes: z.array(label).optional(),
  preprocessing: preprocessing.extend({ input: size }),
  activation: outputActivation.extract(['softmax', 'sigmoid']).optional(),
  assumed: z.array(assumption).optional(),
  temperature: z.number().positive().optional(),
  doubt: doubt.optional(),
});
/** The same, read again. */
export type ExportedMetadata = z.infer<typeof said>;

const texts = new Set(['licence', 'activation']);

/** Null: another program wrote the file. @throws SaccadeError `bad-onnx` */
export function readMetadata({ metadataProps }: Pick<Model, 'metadataProps'>): ExportedMetadata | null {
  const own = new Map(metadataProps.map(({ key, value }) => [key, value]));
  if (!own.has('saccade.labels')) return null;
  const values = Object.keys(said.shape).flatMap((name) => {
    const text = own.get(`saccade.${name}`);
    return text === undefined ? [] : [[name, texts.has(name) ? text : parsed(name, text)] as const];
  });
  const checked = said.safeParse(Object.fromEntries(values));
  if (checked.success) return checked.data;
  const [problem] = checked.error.issues;
  throw refuse(problem?.path.join('.') ?? '', problem?.message ?? 'something else');
}

const refuse = (name: string, found: string, cause?: unknown) =>
  new SaccadeError(
    'bad-onnx',
    `The file says that Saccade wrote it, and its metadata "saccade.${name}" is not what Saccade writes: ${found}. Export the model again.`,
    { cause },
  );

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(name, 'no JSON', cause);
  }
}
