/**
 * `<name-dialog>`: asks for the name. Tells of `name` (detail: what was given, maybe nothing), and stands there
 * until it is closed: a name may be refused. Whoever closes it, it tells of `cancel`.
 */

import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

export class NameDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLInputElement} */
  #input;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#input = part(this, "input", HTMLInputElement);
    part(this, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      tell(this, "name", this.#input.value.trim());
    });
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => tell(this, "cancel", "renaming"));
  }

  /**
   * Ask, with `name` already written there, somebody who is in the room that is called so or about to come.
   * @type {(name: string, isIn: boolean, room: string) => void}
   */
  ask(name, isIn, room) {
    if (this.#dialog.open) return;
    part(this, "[data-room]", HTMLElement).textContent = room;
    this.#input.value = name;
    for (const words of parts(this, "[data-when]")) words.hidden = (words.dataset.when === "in") !== isIn;
    this.refuse(null);
    this.#dialog.showModal();
    this.#input.select();
  }

  /**
   * Say why this name cannot be had, or nothing, and after how many seconds to try again.
   * @type {(why: string | null, wait?: number) => void}
   */
  refuse(why, wait) {
    part(this, "[data-error]", HTMLElement).hidden = why === null;
    part(this, "[data-why]", HTMLElement).textContent = why ?? "";
    part(this, "[data-wait]", HTMLElement).hidden = wait === undefined;
    part(this, "[data-rest]", HTMLElement).textContent = String(wait ?? "");
    this.#input.setAttribute("aria-invalid", String(why !== null));
    if (why !== null) this.#input.focus();
  }

  /** The name is known. The focus is where it was before, until the page moves it. */
  close() {
    this.#dialog.close();
  }
}

customElements.define("name-dialog", NameDialog);
