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

/**
 * Show these tools of a moderator, and no others, of somebody who is called so; where the card has any (moderator.js).
 * @type {(card: HTMLElement, tools: string[], name: string) => void}
 */
export function showTools(card, tools, name) {
  for (const group of parts(card, "[data-tools], [data-tools] [role=group]")) {
    for (const tool of parts(group, "[data-tool]")) tool.hidden = !tools.includes(tool.dataset.tool ?? "");
    group.hidden = parts(group, "[data-tool]:not([hidden])").length === 0;
  }
  for (const title of parts(card, "[data-tools] [data-author]")) {
    title.hidden = parts(card, "[data-tools] [role=group]:not([hidden])").length === 0;
    for (const place of parts(title, "[data-name]")) place.textContent = name;
  }
}
