/**
 * One tab stop for a list of buttons: arrows, Home and End move within it, Tab leaves it. What is on, or was used
 * last, is where Tab comes in. To be put on the element around them: `{@attach roving}`.
 */
export function roving(list: HTMLElement): () => void {
  const buttons = () => [...list.querySelectorAll<HTMLElement>('button:not([data-aside])')];
  let last: HTMLElement | null = null;
  const settle = () => {
    const all = buttons();
    const stop =
      all.find((one) => one === last) ?? all.find((one) => one.ariaPressed === 'true') ?? all[0] ?? null;
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  };
  const onkeydown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    all[Math.min(all.length - 1, Math.max(0, to))]?.focus();
  };
  const onfocus = ({ target }: FocusEvent) => {
    last = (target as HTMLElement).closest('button');
    settle();
  };
  settle();
  // Counts change the rows many times during a run.
  const watch = new MutationObserver(settle);
  watch.observe(list, { childList: true, subtree: true });
  list.addEventListener('keydown', onkeydown);
  list.addEventListener('focusin', onfocus);
  return () => {
    watch.disconnect();
    list.removeEventListener('keydown', onkeydown);
    list.removeEventListener('focusin', onfocus);
  };
}
