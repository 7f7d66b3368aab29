/** The way to the search: its panel comes when it is first wanted. */

import { around } from "./elements/part.js";

/** @import { AddressBar } from "./address-bar.js" */
/** @import { SearchPanel } from "./elements/search-panel.js" */
/** @import { Store } from "./store.js" */

/**
 * From now on the search opens by its button, and by Ctrl and K.
 * @type {(store: Store, bar: AddressBar) => void}
 */
export function findBy(store, bar) {
  /** @type {SearchPanel | null} */
  let panel = null;
  const open = () => {
    if (panel) return panel.open();
    import("./searching.js").then(
      ({ begin }) => (panel ??= begin(store, bar)).open(),
      () => store.dispatch({ type: "unreachable" }),
    );
  };
  document.addEventListener("click", (event) => {
    // Once it is there it hears its button itself.
    if (!panel && around(event, '[aria-controls="search"]')) open();
  });
  document.addEventListener("keydown", (event) => {
    if (!isCalled(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
}

/** Ctrl and K, where the letters of a keyboard are no Latin ones, too. @type {(event: KeyboardEvent) => boolean} */
function isCalled({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
  return (ctrlKey || metaKey) && !altKey && !shiftKey && (key.toLowerCase() === "k" || (code === "KeyK" && key > "\x7f"));
}
