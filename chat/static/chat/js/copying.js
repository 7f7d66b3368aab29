/** What is copied of a message: its link, or its words. */

import { hear } from "./elements/tell.js";
import { shown } from "./message-window.js";

/** @import { Store } from "./store.js" */

/** From now on copy what is asked for, and say so. @type {(store: Store) => void} */
export function copyFor(store) {
  hear(document, { link: copyLink, words: copyWords });

  /** Where there is no clipboard the address stands in the bar. @type {(id: number) => Promise<void>} */
  async function copyLink(id) {
    const { href } = new URL(`#m${id}`, location.href);
    try {
      await navigator.clipboard.writeText(href);
      store.dispatch({ type: "copied", what: "link" });
    } catch {
      location.assign(href);
    }
  }

  /** As they were written. @type {(id: number) => Promise<void>} */
  async function copyWords(id) {
    const text = shown(store.state, id)?.message;
    if (!text) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (!isCopied(text)) return;
    }
    store.dispatch({ type: "copied", what: "words" });
  }
}

/**
 * Only a page that came over TLS has a clipboard; any page may say what a copy of it consists of.
 * @type {(text: string) => boolean}
 */
function isCopied(text) {
  /** @type {(event: ClipboardEvent) => void} */
  const put = (event) => {
    event.preventDefault();
    event.clipboardData?.setData("text/plain", text);
  };
  document.addEventListener("copy", put);
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", put);
  return isDone;
}
