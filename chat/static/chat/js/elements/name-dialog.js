/** `<name-dialog>`: asks for the name. Tells of `name` (detail: what was given, maybe nothing). */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

class NameDialog extends PageElement {
  #dialog;
  #input;

  begin() {
    this.#dialog = this.querySelector("dialog");
    this.#input = this.querySelector("input");
    // Not at submit: closing puts the focus back to where it was, and then the page may move it.
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue !== "enter") return;
      tell(this, "name", this.#input.value.trim());
    });
    this.querySelector("[data-cancel]").addEventListener("click", () => this.#dialog.close());
  }

  /** Ask, with `name` already written there. */
  ask(name) {
    if (this.#dialog.open) return;
    this.#input.value = name;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    this.#input.select();
  }
}

customElements.define("name-dialog", NameDialog);
