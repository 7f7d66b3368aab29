/** Emoji by their names in what is being written: `:smi` has suggestions, and `:smile:` becomes one. */

import { replace } from "./elements/insert.js";
import { INSIDE, isInCode } from "./elements/suggestions.js";
import { emojis, find, named } from "./emojis.js";

/** @import { Source } from "./elements/suggestions.js" */

/** The name of an emoji between two colons, at the end of a text. */
const WHOLE = /:([\p{L}\p{M}\p{N}_+-]{2,64}):$/u;
const LONGEST = 70;

/** @type {Source} */
export const EMOJI = {
  sign: ":",
  word: /^[\p{L}\p{M}\p{N}_+-]{2,}$/u,
  find: async (word) =>
    find(await listed(), word).map(({ emoji, name }) => ({ text: emoji.symbol, symbol: emoji.symbol, label: `:${name}:` })),
};

/**
 * From now on what is typed in this box between two colons becomes an emoji.
 * @type {(box: HTMLTextAreaElement) => void}
 */
export function completeIn(box) {
  box.addEventListener("input", (event) => {
    // What is undone has no data, and stays undone.
    if (event instanceof InputEvent && event.data?.endsWith(":")) complete(box);
  });
}

/** @type {(box: HTMLTextAreaElement) => void} */
async function complete(box) {
  const { value, selectionStart: caret } = box;
  const near = value.slice(Math.max(0, caret - LONGEST), caret);
  const found = WHOLE.exec(near);
  if (!found || INSIDE.test(near.slice(0, found.index)) || isInCode(value, caret)) return;
  const emoji = named(await listed(), found[1]);
  // Meanwhile more may have been typed.
  if (!emoji || box.value !== value || box.selectionStart !== caret) return;
  replace(box, caret - found[0].length, caret, emoji.symbol);
}

/** Where the list does not come, there is nothing to suggest. */
function listed() {
  return emojis().catch(() => []);
}
