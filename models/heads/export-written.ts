/** A head in words as a folder: the lines that make it again here, and its embeddings for whoever reads CLIP. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { encodeSafetensors } from '../weights/encode-safetensors.ts';
import type { Head } from './head.ts';

/** @param lines of the labels, as `heads.write` takes them. Writes the folder, which must not be there yet. @throws SaccadeError `cannot-export` */
export function exportWritten(head: Head, lines: readonly string[], to: string): void {
  const { name, weight, fits, reads, origin, none, labels } = head;
  if (reads.how !== 'cosine' || origin.from !== 'texts')
    throw new Error('only heads in words are written so');
  if (existsSync(to)) throw new SaccadeError('cannot-export', `Expected ${to} not to be there yet; it is. Name another folder.`); // prettier-ignore
  mkdirSync(to, { recursive: true });
  const rows = weight.length / fits.length;
  const each = head.answers === 'any';
  const logit = `exp(logit_scale) · weight · x${each ? ' + logit_bias' : ''}`;
  writeFileSync(join(to, 'labels.txt'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(to, 'head.safetensors'),
    encodeSafetensors({
      weight: { shape: [rows, fits.length], data: weight },
      logit_scale: { shape: [1], data: Float32Array.of(Math.log(reads.scale)) },
      ...(each && { logit_bias: { shape: [1], data: head.bias.slice(0, 1) } }),
    }),
  );
  const described = {
    name,
    model: fits.model,
    model_sha256: fits.weights,
    labels: [...labels.map((label) => label.name), ...(none ? ['none of these'] : [])],
    templates: origin.templates,
    none: origin.none,
  };
  writeFileSync(join(to, 'head.json'), `${JSON.stringify(described, null, 2)}\n`);
  writeFileSync(
    join(to, 'README.md'),
    `# ${name}\n\nLabels in words for ${fits.model}, made with Saccade. \`labels.txt\` makes them again: \`saccade heads write\`.\n\nProbabilities are ${each ? 'a sigmoid each, of' : 'softmax of'} ${logit}, x the photo's embedding divided by its length; rows of \`weight\` in the order of \`labels\` in \`head.json\`.\n`,
  );
}
