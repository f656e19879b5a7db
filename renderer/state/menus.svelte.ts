import type { Snippet } from 'svelte';
import type { Subject } from './subject.ts';

/** What a menu hangs from. */
interface Anchor {
  getBoundingClientRect(): DOMRect;
}

/** What is in a menu: what can be done with photos, or items of its own. */
export type MenuContent = { label: string; items: Snippet } | { subject: Subject; inspected?: boolean };

/** From the corner of what keys opened a menu for, in CSS pixels. */
const inset = 24;

/** The menu of what one points at: by the second button, or by keys of what has the focus. One is open at a time. */
export class Menus {
  open = $state(false);
  content: MenuContent | null = $state.raw(null);
  anchor: Anchor = $state.raw({ getBoundingClientRect: () => new DOMRect() });
  #back: HTMLElement | null = null;

  /** @param event is taken: the browser shows no menu of its own */
  show(event: MouseEvent, content: MenuContent): void {
    event.preventDefault();
    const point = new DOMRect(event.clientX, event.clientY);
    const focused = document.activeElement;
    if (!this.open) this.#back = focused instanceof HTMLElement && focused !== document.body ? focused : null;
    this.anchor = { getBoundingClientRect: () => point };
    this.content = content;
    this.open = true;
  }
  /** Somebody has put the focus elsewhere since: it is not brought back any more. */
  focusMoved({ type, target, relatedTarget }: FocusEvent): void {
    // What a layer held goes with it, and says nothing.
    if (type === 'focusout' && target !== this.#back) return;
    const to = type === 'focusout' ? relatedTarget : target;
    const inLayer = to instanceof Element && to.closest('[role=menu],[role=dialog]') !== null;
    if (!inLayer && !this.open && to !== this.#back) this.#back = null;
  }
  /** The focus goes where it was. */
  giveBack(): void {
    const back = this.#back?.isConnected ? this.#back : document.querySelector<HTMLElement>('[data-grid]');
    back?.focus({ preventScroll: true });
  }
  /** For what has the focus, of a list for its active item; where that has no menu, for the photo in sight. @returns whether one opened */
  showByKeys(): boolean {
    const focused = document.activeElement;
    const active = focused?.getAttribute('aria-activedescendant');
    const photo = document.querySelector('[data-stage]') ?? document.querySelector('[data-grid] .focused');
    return [active ? document.getElementById(active) : focused, photo].some((one) => one && showOf(one));
  }
}

/** By the event that the second button makes, so that there is one way to a menu. */
function showOf(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = { clientX: left + Math.min(inset, width / 2), clientY: top + Math.min(inset, height) };
  return !element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, ...at }));
}
