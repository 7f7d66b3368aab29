/** `<page-note>`: something that the person should know. Tells of `rename` and `noted` (it was read). */

import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Note } from "../state.js" */

export class PageNote extends PageElement {
  /** @type {Note | null} */
  #note = null;

  begin() {
    this.addEventListener("click", (event) => {
      if (around(event, "[data-rename]")) tell(this, "rename");
      if (around(event, "[data-noted]")) tell(this, "noted");
    });
  }

  /** @type {(note: Note | null) => void} */
  show(note) {
    if (note === this.#note) return;
    this.#note = note;
    part(this, ".note", HTMLElement).hidden = note === null;
    for (const words of parts(this, "[data-kind]")) {
      words.hidden = words.dataset.kind !== note?.kind;
      for (const name of parts(words, "[data-name]")) name.textContent = note?.name ?? "";
    }
    part(this, "[data-rename]", HTMLElement).hidden = note?.kind !== "taken" && note?.kind !== "reserved";
  }
}

customElements.define("page-note", PageNote);
