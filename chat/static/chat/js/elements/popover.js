/** Where a card over the page has its place, and how the keyboard goes through it. */

import { parts } from "./part.js";

/** How far it stays from what it belongs to and from the edge of the window, in pixels. */
export const GAP = 6;
/** Which way a key leads among the buttons. */
const STEPS = new Map([["ArrowRight", 1], ["ArrowDown", 1], ["ArrowLeft", -1], ["ArrowUp", -1]]);

/**
 * Below what was pressed where there is room, else above, and always in the window.
 * @type {(card: HTMLElement, beside: DOMRect) => void}
 */
export function place(card, beside) {
  const { width, height } = card.getBoundingClientRect();
  const below = beside.bottom + GAP;
  const top = below + height + GAP > innerHeight ? beside.top - GAP - height : below;
  const left = beside.left + beside.width / 2 - width / 2;
  card.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  card.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
}

/** @type {(card: HTMLElement, event: KeyboardEvent) => void} */
export function step(card, event) {
  const by = STEPS.get(event.key);
  if (!by) return;
  event.preventDefault();
  const buttons = parts(card, "button").filter((button) => button.checkVisibility());
  const index = buttons.findIndex((button) => button === document.activeElement) + by;
  buttons.at(index % buttons.length)?.focus();
}
