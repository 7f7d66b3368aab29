/**
 * `<page-note>`: something that the person should know. Tells of `rename`, `open` (detail: the slug of the room that
 * it is about) and `noted` (it was read).
 */

import { moment } from "../dates.js";
import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Note } from "../state.js" */

/** What was done as it was asked for is said this long, in milliseconds. */
const GLOW = 4000;

export class PageNote extends PageElement {
  /** @type {Note | null} */
  #note = null;

  begin() {
    this.addEventListener("click", (event) => {
      if (around(event, "[data-rename]")) tell(this, "rename");
      if (around(event, "[data-open]")) tell(this, "open", this.#note?.slug);
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
      // Written anew in any case: what is the same word for word would not be read out again.
      for (const place of parts(words, "[data-name]")) place.replaceChildren(note?.name ?? "");
      for (const place of parts(words, "[data-title]")) place.replaceChildren(note?.title ?? "");
      for (const place of parts(words, "[data-until]")) place.replaceChildren(note?.until ? moment(note.until) : "");
    }
    if (note?.kind === "link" || note?.kind === "words") setTimeout(() => note === this.#note && tell(this, "noted"), GLOW);
    part(this, "[data-open]", HTMLElement).hidden = note?.kind !== "member";
    part(this, "[data-rename]", HTMLElement).hidden = note?.kind !== "taken" && note?.kind !== "reserved";
  }
}

customElements.define("page-note", PageNote);
