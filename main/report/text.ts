/** Words in picture files: the system's sans-serif where there is one, our own pixel face where there is none. */
import { sharp } from '../decode/engine.ts';
import { drawText, glyphHeight, textWidth } from '../../models/overlay/font.ts';

export interface RenderedText {
  /** RGBA. */
  data: Buffer;
  width: number;
  height: number;
}

const markup = (text: string) =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character]!);

/** Control characters have no shape and break markup. */
const printable = (text: string) => text.replace(/\p{C}/gu, '\u{FFFD}');

/** Highest and lowest ink of Latin letters, after the text and all but invisible: so that every line has one baseline. */
const strut = 'Ág';

async function inSystemFont(markedUp: string, height: number): Promise<RenderedText> {
  const { data, info } = await sharp({
    text: {
      text: markedUp,
      font: 'sans-serif',
      rgba: true,
      // Pixels: at 72 dpi a point is one.
      dpi: Math.round(72 * (height / 14)),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function withSystemFont(text: string, height: number, grey: number): Promise<RenderedText> {
  const hex = grey.toString(16).padStart(2, '0').repeat(3);
  const line = `<span foreground="#${hex}">${markup(printable(text))}</span>`;
  const [whole, end] = await Promise.all([
    inSystemFont(`${line}<span alpha="1%">${strut}</span>`, height),
    inSystemFont(strut, height),
  ]);
  const width = Math.max(1, whole.width - end.width);
  const raw = { width: whole.width, height: whole.height, channels: 4 as const };
  const data = await sharp(whole.data, { raw })
    .extract({ left: 0, top: 0, width, height: whole.height })
    .raw()
    .toBuffer();
  return { data, width, height: whole.height };
}

function withPixelFont(text: string, height: number, grey: number): RenderedText {
  const scale = Math.max(1, Math.floor(height / (glyphHeight + 2)));
  const width = Math.max(1, textWidth(text, scale));
  const tall = glyphHeight * scale;
  const data = Buffer.alloc(width * tall * 4);
  drawText(text, 0, 0, scale, (x, y) => data.set([grey, grey, grey, 255], (y * width + x) * 4));
  return { data, width, height: tall };
}

let systemFont: Promise<boolean> | null = null;

/** A machine without fonts renders nothing, or the same box for every letter. */
function hasSystemFont(): Promise<boolean> {
  systemFont ??= Promise.all([inSystemFont('i', 14), inSystemFont('W', 14)]).then(
    ([narrow, wide]) => wide.width > narrow.width * 1.5 && wide.data.some((part) => part > 0),
    () => false,
  );
  return systemFont;
}

/** One line, at most `width` pixels wide (its end is replaced by "…"), letters fitting a line of `height` pixels. */
export async function renderText(
  text: string,
  width: number,
  height: number,
  grey: number,
): Promise<RenderedText> {
  const system = await hasSystemFont();
  const render = async (line: string) =>
    (system ? await withSystemFont(line, height, grey).catch(() => null) : null) ??
    withPixelFont(line, height, grey);
  let characters = [...text];
  let rendered = await render(text);
  while (rendered.width > width && characters.length > 1) {
    const fitting = Math.floor((characters.length * width) / rendered.width) - 1;
    characters = characters.slice(0, Math.max(1, Math.min(characters.length - 1, fitting)));
    rendered = await render(`${characters.join('')}${system ? '…' : '.'}`);
  }
  return rendered;
}
