/**
 * Heads on disk: `<root>/<id>/head.json` and the safetensors file that it names. The weights of a new version are
 * written first under a name of their own and head.json is then replaced in one step, so a head is never half written.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { encodeSafetensors } from '../weights/encode-safetensors.ts';
import { WeightSource } from '../weights/source.ts';
import { type Head, type HeadManifest, headManifestSchema, rowsOf } from './head.ts';

export interface StoredHead {
  manifest: HeadManifest;
  head: Head;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** A name as a folder: what is not a letter, digit, `.`, `_` or `-` becomes `-`. */
export function headIdFor(name: string): string {
  const id = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
  // A name in another script leaves nothing: its hash is as stable.
  return id || `head-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** @throws SaccadeError `no-head` */
function folderOf(root: string, id: string): string {
  const folder = join(root, id);
  if (idPattern.test(id) && existsSync(join(folder, 'head.json'))) return folder;
  const known = listHeads(root).map((manifest) => manifest.id);
  throw new SaccadeError('no-head', `There is no head "${id}". There are: ${known.join(', ') || 'none'}.`);
}

/** @throws SaccadeError `bad-head` */
function readHeadManifest(folder: string): HeadManifest {
  const file = join(folder, 'head.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new SaccadeError('bad-head', `${file} should be JSON, and is not. Teach or write the head again.`, { cause }); // prettier-ignore
  }
  const checked = headManifestSchema.safeParse(json);
  if (checked.success) return checked.data;
  const [problem] = checked.error.issues;
  throw new SaccadeError(
    'bad-head',
    `${file} is not a sound head: "${problem?.path.join('.') ?? ''}": ${problem?.message ?? ''}. Teach or write it again.`,
  );
}

/** By id. Folders without a readable head.json are left out: a broken one must not hide the others. */
export function listHeads(root: string): HeadManifest[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((id) => {
      try {
        return idPattern.test(id) ? [readHeadManifest(join(root, id))] : [];
      } catch (error) {
        if (error instanceof SaccadeError) return [];
        throw error;
      }
    });
}

/** @throws SaccadeError `no-head`, `bad-head`, `bad-safetensors`, `missing-tensor`, `misshaped-tensor` */
export function readHead(root: string, id: string): StoredHead {
  const folder = folderOf(root, id);
  const manifest = readHeadManifest(folder);
  const file = join(folder, manifest.weights.file);
  if (!existsSync(file))
    throw new SaccadeError(
      'bad-head',
      `Expected the weights ${manifest.weights.file} in ${folder}; they are not there. Teach or write the head again.`,
    );
  using source = new WeightSource([file]);
  const rows = rowsOf(manifest);
  const weight = source.read('weight', [rows, manifest.fits.length]);
  const bias = source.read('bias', [rows]);
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite))
    throw new SaccadeError(
      'not-finite',
      `The weights of the head "${manifest.name}" hold NaN or infinity; finite numbers were expected. Teach or write it again.`,
    );
  const { name, kind, reads, answers, labels, none, calibration, doubt, fits, origin } = manifest;
  const said = { name, kind, reads, answers, labels, none, calibration, doubt, fits, origin };
  return { manifest, head: { ...said, weight, bias } };
}

/** Writes a new head, or the next version of the one with this id. */
export function writeHead(root: string, id: string, head: Head): HeadManifest {
  if (!idPattern.test(id))
    throw new SaccadeError(
      'bad-model-name',
      `A head's id should be of letters, digits, ".", "_" and "-"; found "${id}".`,
    );
  const folder = join(root, id);
  mkdirSync(folder, { recursive: true });
  const before = existsSync(join(folder, 'head.json')) ? readHeadManifest(folder) : null;
  const version = (before?.version ?? 0) + 1;
  const { weight, bias, ...rest } = head;
  const rows = rowsOf(head);
  const bytes = encodeSafetensors({
    weight: { shape: [rows, head.fits.length], data: weight },
    bias: { shape: [rows], data: bias },
  });
  const file = `head-${version}.safetensors`;
  writeFileSync(join(folder, file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest: HeadManifest = { format: 1, id, version, ...rest, weights: { file, sha256 } };
  replaceManifest(folder, manifest);
  if (before) rmSync(join(folder, before.weights.file), { force: true });
  return manifest;
}

function replaceManifest(folder: string, manifest: HeadManifest): void {
  const written = join(folder, 'head.json.new');
  writeFileSync(written, JSON.stringify(headManifestSchema.parse(manifest), null, 2) + '\n');
  renameSync(written, join(folder, 'head.json'));
}

/** Another name to show; the id, which results are kept under, stays. @throws SaccadeError `no-head`, `bad-head` */
export function renameHead(root: string, id: string, name: string): HeadManifest {
  const folder = folderOf(root, id);
  const manifest = { ...readHeadManifest(folder), name };
  replaceManifest(folder, manifest);
  return manifest;
}

/** @throws SaccadeError `no-head` */
export function removeHead(root: string, id: string): void {
  rmSync(folderOf(root, id), { recursive: true });
}
