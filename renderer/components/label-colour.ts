/**
 * A colour for a person's label, the same wherever and whenever it is shown: the hue by its name, lightness and
 * chroma by the theme, so that none shouts louder than another.
 */
export function labelColour(name: string): string {
  let hash = 2166136261; // FNV-1a, 32 bit
  for (const unit of name.normalize('NFC').toLocaleLowerCase())
    hash = Math.imul(hash ^ unit.codePointAt(0)!, 16777619) >>> 0;
  const hue = hash % 360;
  return `light-dark(oklch(0.58 0.14 ${hue}), oklch(0.76 0.12 ${hue}))`;
}
