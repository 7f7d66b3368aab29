/**
 * `<alerts-dialog>`: of what one wants to be told. Tells of `wanted` whenever that is said otherwise: it holds at once. The
 * browser is asked for its leave by the click that needs it, and by nothing else.
 */

import { ring } from "../chime.js";
import { ask, permission } from "../desktop.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Wanted } from "../telling.js" */

export class AlertsDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLFormElement} */
  #form;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#form = part(this, "form", HTMLFormElement);
    this.#form.addEventListener("change", (event) => this.#change(event));
  }

  /** @type {(wanted: Wanted) => void} */
  ask({ what, sound }) {
    part(this.#form, `[name=what][value=${what}]`, HTMLInputElement).checked = true;
    this.#sound.checked = sound;
    this.#show();
    this.#dialog.showModal();
  }

  /** @type {(event: Event) => void} */
  #change({ target }) {
    const wanted = this.#wanted;
    tell(this, "wanted", wanted);
    if (target === this.#sound && wanted.sound) ring();
    if (wanted.what !== "none") ask().then(() => this.#show());
    this.#show();
  }

  get #sound() {
    return part(this.#form, "[name=sound]", HTMLInputElement);
  }

  /** What is said there now. @returns {Wanted} */
  get #wanted() {
    const what = /** @type {Wanted["what"]} */ (String(new FormData(this.#form).get("what")));
    return { what, sound: this.#sound.checked };
  }

  /** What the browser says to it, where it shows none; of somebody who wants none it says nothing. */
  #show() {
    const isOff = this.#wanted.what === "none";
    this.#sound.disabled = isOff;
    const why = isOff ? "" : window.isSecureContext ? permission() : "insecure";
    for (const place of parts(this, "[data-why]")) place.hidden = place.dataset.why !== why;
  }
}

customElements.define("alerts-dialog", AlertsDialog);
