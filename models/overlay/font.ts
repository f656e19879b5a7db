/**
 * A 5 × 7 pixel face for numbers and captions inside picture files, so that they look the same on a machine
 * without fonts. Capitals only; what it has no shape for is a hollow box. Pure.
 */

/** Seven rows from the top, each five bits as one digit of base 32, leftmost pixel highest. */
// prettier-ignore
const glyphs: Record<string, string> = {
  ' ': '0000000', '0': 'ehjlphe', '1': '4c4444e', '2': 'eh1248v', '3': 'v2421he', '4': '26aiv22', '5': 'vgu11he',
  '6': '68guhhe', '7': 'v124888', '8': 'ehhehhe', '9': 'ehhf12c', A: 'ehhvhhh', B: 'uhhuhhu', C: 'ehggghe',
  D: 'sihhhis', E: 'vgguggv', F: 'vgguggg', G: 'ehgnhhf', H: 'hhhvhhh', I: 'e44444e', J: '72222ic', K: 'hikokih',
  L: 'ggggggv', M: 'hrllhhh', N: 'hhpljhh', O: 'ehhhhhe', P: 'uhhuggg', Q: 'ehhhlid', R: 'uhhukih', S: 'fgge11u',
  T: 'v444444', U: 'hhhhhhe', V: 'hhhhha4', W: 'hhhllla', X: 'hha4ahh', Y: 'hhha444', Z: 'v1248gv', '.': '00000cc',
  ',': '0000c48', '-': '000v000', '+': '044v440', '%': 'op248j3', '/': '01248g0', '(': '2488842', ')': '8422248',
  _: '000000v', ':': '0cc0cc0', ';': '0cc0c48', '#': 'aavavaa', "'": 'c480000', '"': 'aa00000', '?': 'eh12404',
  '!': '4444004', '&': 'cik8lid', '=': '00v0v00', '*': '04lel40', '<': '248g842', '>': '8421248', '[': 'e88888e',
  ']': 'e22222e', '@': 'eh1dlle', '~': '008l200', '|': '4444444', '×': '0ha4ah0', '·': '000c000',
};

const box = 'vhhhhhv';

/** Pixels from one character's left edge to the next one's, and the height of all, at scale 1. */
const advance = 6;
export const glyphHeight = 7;

/** Width in pixels of a line of text. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, [...text].length * advance - 1) * scale;
}

/** Calls `paint` for every pixel of the text whose upper left corner is at `x`, `y`. */
export function drawText(
  text: string,
  x: number,
  y: number,
  scale: number,
  paint: (x: number, y: number) => void,
): void {
  [...text.toUpperCase()].forEach((character, at) => {
    const rows = glyphs[character] ?? box;
    for (let row = 0; row < glyphHeight; row++) {
      const bits = parseInt(rows[row]!, 32);
      for (let column = 0; column < 5; column++)
        if (bits & (16 >> column))
          for (let i = 0; i < scale * scale; i++)
            paint(x + (at * advance + column) * scale + (i % scale), y + row * scale + Math.floor(i / scale));
    }
  });
}
