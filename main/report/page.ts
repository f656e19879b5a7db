/** The report's markup. Everything that comes from outside passes `escape`. Pure. */
import type { Failure } from '../contract/result.ts';
import type { PersonWords } from '../contract/entities/photo.ts';
import type { ClassifiedPhoto, FailedPhoto } from './outcome.ts';
import { style } from './style.ts';

/** Text for element content and quoted attributes. Control characters, which HTML can't hold, become U+FFFD. */
export function escape(text: string): string {
  return text
    .replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, '\u{FFFD}')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface Picture {
  /** WebP. */
  bytes: Uint8Array;
  width: number;
  height: number;
}

export interface RowPictures {
  photo: Picture | null;
  overlay: Picture | null;
  /** Lowest and highest value of the overlay's colours; null without one. */
  range: [low: string, high: string] | null;
  /** Why there is no photo or no overlay. */
  reason: string | null;
}

export interface Legend {
  /** CSS colours, lowest first. */
  colours: string[];
  low: string;
  high: string;
  /** How values became colours, and what the map means. */
  sentences: string[];
}

export interface Summary {
  title: string;
  /** Model, provider, precision, device; one line. */
  placement: string;
  /** Counts and time; one line. */
  counts: string;
  /** Said when the run was interrupted. */
  notice: string | null;
  legend: Legend | null;
  madeBy: string;
}

const percent = (probability: number) => `${(probability * 100).toFixed(1)} %`;

function image(picture: Picture | null, alt: string): string {
  if (!picture) return '';
  const data = Buffer.from(picture.bytes).toString('base64');
  return `<img src="data:image/webp;base64,${data}" width="${picture.width}" height="${picture.height}" alt="${escape(alt)}" loading="lazy" decoding="async">`;
}

function nameCell(path: string, below: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const folder = path.slice(0, cut);
  return `<th scope="row"><span class="folder">${escape(folder)}</span><span class="name">${escape(path.slice(cut))}</span>${below}</th>`;
}

export function photoRow(photo: ClassifiedPhoto, pictures: RowPictures): string {
  const { also } = photo;
  const stands = (i: number) =>
    photo.unsure && i === 0 ? ' class="unsure"' : also.length && i <= also.length ? ' class="holds"' : '';
  // More labels may hold than are asked for.
  const labels = [...photo.predictions.slice(0, 1), ...also, ...photo.predictions.slice(1 + also.length)]
    .map(
      ({ label, probability }, i) =>
        `<li${stands(i)}><span class="label">${escape(label.name)}</span>` +
        `<span class="percent">${percent(probability)}</span><span class="bar" style="--p:${probability.toFixed(4)}"></span></li>`,
    )
    .join('');
  const facts =
    `<span class="facts">${photo.width} × ${photo.height}</span>` +
    (photo.damaged ? '<span class="note damaged">Read only in part: the file is damaged.</span>' : '') +
    (photo.predictions.length === 0
      ? '<span class="note">Seen, not named: the model has no labels.</span>'
      : photo.unsure
        ? '<span class="note">Unsure: no label is probable enough.</span>'
        : also.length
          ? `<span class="note">The first ${also.length + 1} labels hold, in bold.</span>`
          : '');
  const top = photo.predictions[0]?.label.name ?? '';
  const scale = pictures.range
    ? `<span class="range"><span>${escape(pictures.range[0])}</span><span>${escape(pictures.range[1])}</span></span>`
    : '';
  const why = pictures.reason ? `<span class="note">${escape(pictures.reason)}</span>` : '';
  return (
    `<tr>${nameCell(photo.path, facts)}<td class="picture">${image(pictures.photo, top)}</td>` +
    `<td class="picture">${image(pictures.overlay, `${top}, with the map over it`)}${scale}${why}</td>` +
    `<td><ol class="labels">${labels}</ol>${personSays(photo.words)}</td></tr>\n`
  );
}

/** A person's word is told from what a model says. */
function personSays(words: PersonWords | undefined): string {
  if (!words) return '';
  const { labels, rejected, none } = words;
  const said = [
    ...(labels.length ? [`Said to be ${labels.join(', ')}`] : none ? ['Said to be none of these'] : []),
    ...(rejected.length ? [`not ${rejected.join(', ')}`] : []),
  ];
  return said.length ? `<p class="word">${escape(said.join('; '))}.</p>` : '';
}

export function failureRow(photo: FailedPhoto): string {
  return `<tr class="failed">${nameCell(photo.path, '')}<td colspan="3">${failure(photo.error)}</td></tr>\n`;
}

function failure({ code, message }: Failure): string {
  return `<span class="code">${escape(code)}</span> ${escape(message)}`;
}

function legendOf({ colours, low, high, sentences }: Legend): string {
  return (
    `<figure class="legend"><div class="scale" style="background:linear-gradient(to right,${colours.join(',')})"></div>` +
    `<div class="range"><span>${escape(low)}</span><span>${escape(high)}</span></div>` +
    `<figcaption>${sentences.map((sentence) => `<p>${escape(sentence)}</p>`).join('')}</figcaption></figure>`
  );
}

export function pageHead(summary: Summary): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escape(summary.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escape(summary.title)}</h1>
<p class="counts">${escape(summary.counts)}</p>
<p class="placement">${escape(summary.placement)}</p>
${summary.notice ? `<p class="notice">${escape(summary.notice)}</p>` : ''}
${summary.legend ? legendOf(summary.legend) : ''}
</header>
<main>
<table>
<thead><tr><th scope="col">Photo</th><th scope="col"><span class="hidden">Picture</span></th><th scope="col">Map</th><th scope="col">Labels</th></tr></thead>
<tbody>
`;
}

export function pageTail(summary: Summary): string {
  return `</tbody>
</table>
</main>
<footer>${escape(summary.madeBy)}</footer>
</body>
</html>
`;
}
