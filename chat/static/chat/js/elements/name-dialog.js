/** `<name-dialog>`: asks for the name. Tells of `name` (detail: what was given, maybe nothing). */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

export class NameDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLInputElement} */
  #input;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#input = part(this, "input", HTMLInputElement);
    // Not at submit: closing puts the focus back to where it was, and then the page may move it.
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue !== "enter") return;
      tell(this, "name", this.#input.value.trim());
    });
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
  }

  /** Ask, with `name` already written there. @type {(name: string) => void} */
  ask(name) {
    if (this.#dialog.open) return;
    this.#input.value = name;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    this.#input.select();
  }
}

customElements.define("name-dialog", NameDialog);
