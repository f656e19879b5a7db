/** What a number field holds, as a whole number inside the field's bounds; null: nothing that is one. */
export function wholeNumber(field: HTMLInputElement): number | null {
  const value = Math.round(field.valueAsNumber);
  return Number.isFinite(value) ? Math.min(Number(field.max), Math.max(Number(field.min), value)) : null;
}
