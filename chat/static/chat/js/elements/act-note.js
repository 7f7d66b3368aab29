/**
 * `<act-note>`: what a moderator has done last. Tells of `undo` and `again` (detail: what was done, or could not be asked)
 * and `acted` (it was read).
 */

import { ABOVE } from "../moderation.js";
import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Act } from "../moderation.js" */

/** Who has nothing to undo need not close it: it goes by itself after so long, in milliseconds. */
const PATIENCE = 12_000;

export class ActNote extends PageElement {
  /** @type {Act | null} */
  #act = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;

  begin() {
    this.addEventListener("click", (event) => {
      if (around(event, "[data-undo]") && this.#act) tell(this, "undo", this.#act);
      if (around(event, "[data-again]") && this.#act) tell(this, "again", this.#act);
      if (around(event, "[data-undo], [data-close]")) tell(this, "acted", ABOVE);
    });
  }

  /** @type {(act: Act | null) => void} */
  show(act) {
    if (act === this.#act) return;
    this.#act = act;
    const kind = act && kindOf(act);
    part(this, ".note", HTMLElement).hidden = act === null;
    for (const words of parts(this, "[data-kind]")) {
      words.hidden = words.dataset.kind !== kind;
      // Written anew in any case: what is the same word for word would not be read out again.
      for (const place of parts(words, "[data-name]")) place.replaceChildren(act?.name ?? "");
      if (words.dataset.kind === "error") words.replaceChildren(act?.error ?? "");
    }
    part(this, "[data-undo]", HTMLElement).hidden = !act?.undo || act.error !== undefined;
    part(this, "[data-again]", HTMLElement).hidden = act?.error !== "";
    clearTimeout(this.#leaving);
    if (act && act.error === undefined) this.#leaving = setTimeout(() => this.#leave(), PATIENCE);
  }

  /** Nothing goes that somebody is about to press, or cannot press yet since a panel is over it. */
  #leave() {
    if (this.matches(":hover, :focus-within, [inert] *")) this.#leaving = setTimeout(() => this.#leave(), PATIENCE);
    else tell(this, "acted", ABOVE);
  }
}

/** @type {(act: Act) => string} */
function kindOf({ deed, error, isOvertaken }) {
  if (isOvertaken && deed.type === "decide") return "overtaken";
  if (error !== undefined) return error ? "error" : "offline";
  switch (deed.type) {
    case "sanction":
      return deed.kind;
    case "lift":
      return `un${deed.kind}`;
    case "pin":
      return deed.id === null ? "unpin" : "pin";
    case "decide":
      return `${deed.accept ? "accept" : "dismiss"}_${deed.kind}`;
    default:
      return deed.type;
  }
}

customElements.define("act-note", ActNote);
