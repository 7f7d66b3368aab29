/** What completes a word in the box where messages are written: see assist.js, which has it come. */

import { part } from "./elements/part.js";
import { Suggestions } from "./elements/suggestions.js";

/** @import { Source } from "./elements/suggestions.js" */
/** @import { Store } from "./store.js" */

/**
 * From now on suggest in this box, at once for what stands there.
 * @type {(box: HTMLTextAreaElement, store: Store) => void}
 */
export function begin(box, store) {
  const suggestions = new Suggestions(box, part(document, "[data-suggestions]", HTMLElement), sources(store));
  suggestions.look();
}

/** One line for each sign. @type {(store: Store) => Source[]} */
function sources(_store) {
  return [];
}
