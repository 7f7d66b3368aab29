/** `<delete-dialog>`: makes sure that a message is to be deleted. Tells of `erase-surely` (detail: its id). */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

export class DeleteDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  #id = 0;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue === "delete") tell(this, "erase-surely", this.#id);
    });
  }

  /** Ask whether the message `id` is to be deleted. @type {(id: number) => void} */
  ask(id) {
    this.#id = id;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }
}

customElements.define("delete-dialog", DeleteDialog);
