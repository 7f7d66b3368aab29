/** Names that a message mentions, marked as such where they stand in what is painted of it. */

import { pieces } from "../mentioned.js";

/**
 * Mark these names behind an "@" in all that stands in the element, but for addresses and code.
 * @type {(element: HTMLElement, names: string[]) => void}
 */
export function markMentions(element, names) {
  for (const text of textsIn(element)) {
    const found = pieces(text.data, names);
    if (found.some(({ isMention }) => isMention)) {
      text.replaceWith(...found.map((piece) => (piece.isMention ? marked(piece.text) : piece.text)));
    }
  }
}

/** @type {(element: HTMLElement) => Text[]} */
function textsIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
  return texts.filter(({ parentElement }) => !parentElement?.closest("a, code, button"));
}

/** @type {(text: string) => HTMLElement} */
function marked(text) {
  const mark = document.createElement("bdi");
  mark.className = "message-mention";
  mark.textContent = text;
  return mark;
}
