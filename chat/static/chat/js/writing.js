/** What completes a word in the box where messages are written: see assist.js, which has it come. */

import { part } from "./elements/part.js";
import { Suggestions } from "./elements/suggestions.js";
import { completeIn, EMOJI } from "./emoji-writing.js";
import { matching, mentionable } from "./mentions.js";

/** @import { Source } from "./elements/suggestions.js" */
/** @import { Store } from "./store.js" */

/**
 * From now on suggest in this box, at once for what stands there.
 * @type {(box: HTMLTextAreaElement, store: Store) => void}
 */
export function begin(box, store) {
  const suggestions = new Suggestions(box, part(document, "[data-suggestions]", HTMLElement), sources(store));
  suggestions.look();
  completeIn(box);
}

/** One line for each sign. @type {(store: Store) => Source[]} */
function sources(store) {
  return [EMOJI, people(store)];
}

/** Whom one may mention. @type {(store: Store) => Source} */
function people(store) {
  return {
    sign: "@",
    // A name may have spaces; one behind the last word ends it, as what has been suggested does.
    word: /^(?!\s)[^@\n]{0,32}(?<!\s)$/u,
    find(word) {
      // Only a part of a large room is known before somebody asks.
      if (word === "") store.dispatch({ type: "people", isOpened: true });
      return matching(mentionable(store.state), word).map(({ name }) => ({ text: `@${name}`, label: name }));
    },
  };
}
