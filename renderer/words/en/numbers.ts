/** Numbers inside English sayings. */
const count = new Intl.NumberFormat('en');
export const n = (value: number) => count.format(value);
export const photos = (value: number) => (value === 1 ? '1 photo' : `${n(value)} photos`);
