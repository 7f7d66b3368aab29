/** `<delete-dialog>`: makes sure that a message is to be deleted. Tells of `erase-surely` (detail: its id). */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

class DeleteDialog extends PageElement {
  #dialog;
  #id = null;

  begin() {
    this.#dialog = this.querySelector("dialog");
    this.querySelector("[data-cancel]").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue === "delete") tell(this, "erase-surely", this.#id);
    });
  }

  /** Ask whether the message `id` is to be deleted. */
  ask(id) {
    this.#id = id;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }
}

customElements.define("delete-dialog", DeleteDialog);
