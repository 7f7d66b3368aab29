/** Help with writing: it comes with the first sign of it, since most of what is written needs none. */

import { replace } from "./elements/insert.js";
import { part } from "./elements/part.js";
import { hear } from "./elements/tell.js";
import { page } from "./page.js";

/** @import { Store } from "./store.js" */

/** What may begin a mention or the name of an emoji. */
const SIGN = /[@:]/;

/**
 * From now on suggest what completes what is being written, and offer emoji; write a mention of whoever is
 * chosen elsewhere. What does not come is asked for again: with the next letter, with the next click.
 * @type {(store: Store) => void}
 */
export function assist(store) {
  const box = part(page.composer, "textarea", HTMLTextAreaElement);
  let isCalled = false;
  box.addEventListener("input", () => {
    if (isCalled || !SIGN.test(box.value)) return;
    isCalled = true;
    import("./writing.js").then(
      ({ begin }) => begin(box, store),
      () => (isCalled = false),
    );
  });
  hear(document, { mention: (name) => insert(`${isBehindWord(box) ? " " : ""}@${name} `) });
  const button = part(page.composer, "[data-pick]", HTMLButtonElement);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    page.picker.need(
      (picker) => {
        // So a press on the button is none beside the card, which would close it and open it again.
        button.popoverTargetElement = picker;
        picker.open(button, insert);
      },
      () => store.dispatch({ type: "unreachable" }),
    );
  });

  /** @type {(text: string) => void} */
  function insert(text) {
    replace(box, box.selectionStart, box.selectionEnd, text);
  }
}

/** A mention stands behind no letter. @type {(box: HTMLTextAreaElement) => boolean} */
function isBehindWord({ value, selectionStart }) {
  return /\S$/.test(value.slice(0, selectionStart));
}
