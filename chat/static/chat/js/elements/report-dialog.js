/**
 * `<report-dialog>`: asks what is wrong with a message, for the moderators. Tells of `report-surely`, and stands there
 * with their answer until it is closed. Whoever closes it, it tells of `cancel`.
 */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

/** @import { Message } from "../protocol.js" */
/** @import { DeedWish } from "../state.js" */

/** How much of one's own words the server takes, in characters. */
const REASON = 200;

export class ReportDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLFormElement} */
  #form;
  #id = 0;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#form = part(this, "form", HTMLFormElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      tell(this, "report-surely", { id: this.#id, reason: this.#reason() });
    });
    for (const button of this.querySelectorAll("[data-cancel]")) {
      button.addEventListener("click", () => this.#dialog.close());
    }
    this.#dialog.addEventListener("close", () => tell(this, "cancel", "wish"));
  }

  /** Ask about this message. @type {(message: Message) => void} */
  ask({ id, sender, message }) {
    this.#id = id;
    this.#form.reset();
    this.#part("sender").textContent = sender;
    this.#part("message").textContent = message ?? "";
    this.show(null);
    this.#dialog.showModal();
  }

  /** What has come of it. @type {(wish: DeedWish | null) => void} */
  show(wish) {
    const isDone = wish?.isDone ?? false;
    const isAsked = wish !== null && wish.error === undefined && !isDone;
    this.#part("question").hidden = isDone;
    this.#part("thanks").hidden = !isDone;
    this.#part("error").textContent = wish?.error ?? "";
    this.#part("error").hidden = !wish?.error;
    this.#part("offline").hidden = wish?.error !== "";
    part(this, "[data-send]", HTMLButtonElement).disabled = isAsked;
    if (isDone) this.#part("close").focus();
  }

  /** In one line, as long as may be: what was chosen, and the person's own words. */
  #reason() {
    const given = new FormData(this.#form);
    const own = String(given.get("words") ?? "");
    const said = [String(given.get("reason") ?? ""), own.replace(/\p{Cc}+/gu, " ").trim()];
    return Array.from(said.filter(Boolean).join(": ")).slice(0, REASON).join("");
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

customElements.define("report-dialog", ReportDialog);
