/**
 * Styles are written in pixels at the usual size of text, 16 px. Built, their lengths follow the size that a person has
 * set in the browser, text and what holds it alike; windows count as narrow by it too. Hairlines stay what they are.
 */
const usual = 16;
const lengths = /(?<![\w#.]|\w-)(\d*\.?\d+)px\b/g;

/** `unit`: of queries about the window em, which is the person's size there, whatever the page says. */
export function inTextSize(value: string, unit: 'rem' | 'em' = 'rem'): string {
  return value.replace(lengths, (whole, px: string) =>
    Number(px) <= 2 ? whole : `${Number((Number(px) / usual).toFixed(5))}${unit}`,
  );
}

/** For PostCSS, which calls it for every declaration and every rule with an @. */
export const textSizePlugin = {
  postcssPlugin: 'text-size',
  Declaration: (declaration: { value: string }): void => {
    const value = inTextSize(declaration.value);
    if (value !== declaration.value) declaration.value = value;
  },
  AtRule: (rule: { name: string; params: string }): void => {
    if (!['media', 'container'].includes(rule.name)) return;
    const params = inTextSize(rule.params, rule.name === 'media' ? 'em' : 'rem');
    if (params !== rule.params) rule.params = params;
  },
};
