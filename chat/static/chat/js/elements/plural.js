/** Numbers in words: in the grammar of the page's language, whose forms stand in the templates. */

import { part, parts } from "./part.js";

const plural = new Intl.PluralRules(document.documentElement.lang);

/**
 * Of the forms in the element, show the one that fits this number.
 * @type {(element: HTMLElement, count: number) => void}
 */
export function showCount(element, count) {
  const category = plural.select(count);
  for (const form of parts(element, "[data-plural]")) {
    form.hidden = form.dataset.plural !== category;
    part(form, "[data-number]", HTMLElement).textContent = String(count);
  }
}
