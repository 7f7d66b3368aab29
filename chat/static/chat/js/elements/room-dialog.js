/**
 * `<room-dialog>`: what is needed to make a room. Tells of `wish`, and stands there until it is closed: a room may be
 * refused. Whoever closes it, it tells of `cancel`.
 */

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
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#create();
    });
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => tell(this, "cancel", "wish"));
  }

  /** Ask for a room. */
  ask() {
    this.#form.reset();
    this.refuse(null);
    this.#dialog.showModal();
  }

  /**
   * Say why there is no such room, in the server's words; empty ones where it could not be asked, null for nothing.
   * @type {(why: string | null) => void}
   */
  refuse(why) {
    const error = part(this, "[data-error]", HTMLElement);
    error.textContent = why ?? "";
    error.hidden = !why;
    part(this, "[data-offline]", HTMLElement).hidden = why !== "";
  }

  /** The room is there. */
  close() {
    this.#dialog.close();
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
