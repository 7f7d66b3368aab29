/** `<room-dialog>`: what is needed to make a room. Tells of `wish`. */

import { isBlank } from "../text.js";
import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

/** @import { NewRoom } from "../protocol.js" */

export class RoomDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLFormElement} */
  #form;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#form = part(this, "form", HTMLFormElement);
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue === "create") this.#create();
    });
  }

  /** Ask for a room. */
  ask() {
    this.#form.reset();
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }

  #create() {
    const given = new FormData(this.#form);
    /** @type {(name: string) => string} */
    const text = (name) => String(given.get(name) ?? "").trim();
    if (isBlank(text("title"))) return;
    const mode = /** @type {NewRoom["mode"]} */ (text("mode"));
    tell(this, "wish", { kind: "create", title: text("title"), topic: text("topic"), mode });
  }
}

customElements.define("room-dialog", RoomDialog);
