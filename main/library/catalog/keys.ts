/** Names as people sort them: case and width folded, runs of digits by their value. Compared byte by byte. */
import { sep } from 'node:path';

/** They order the parts of a key, so names must not hold them. */
const controls = /[\0-\u0005]/g;

/** Digits are led by how many there are, so that 9 comes before 10. */
export function nameKey(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(controls, '\u0005')
    .replace(/\d+/g, (digits) => {
      const value = digits.replace(/^0+(?=\d)/, '');
      return String.fromCharCode(0x30 + Math.min(value.length, 9)) + value;
    });
}

const below = '\u0001';
const beyond = '\u0002';

/** Key of a folder by its absolute path; never the same for two folders, and that of a parent leads its children's. */
export function folderKey(path: string): string {
  return path
    .split(sep)
    .filter((name, i) => i === 0 || name !== '')
    .map((name) => {
      const folded = nameKey(name);
      return folded === name ? folded : folded + beyond + name.replace(controls, '\u0005');
    })
    .join(below);
}

export function photoKey(folderPathKey: string, name: string): string {
  return folderPathKey + below + nameKey(name);
}

/** `from` ≤ key < `to` holds for all that lies below a folder. */
export function rangeBelow(folderPathKey: string): { from: string; to: string } {
  return { from: folderPathKey + below, to: folderPathKey + beyond };
}

/** What a search compares: the same for composed and decomposed, upper and lower case, full and half width. */
export function searchable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Where a photo stands when photos are drawn at random: 0 … 2³² − 1, the same each time (the mixing of MurmurHash3). */
export function drawOrder(id: number): number {
  let mixed = (id ^ 0x9e3779b9) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
