/**
 * `<run-dialog>`: what a room is about and who speaks there, or what it is told. Tells of `acts`, and stands there until
 * that is done; whoever closes it, it tells of `acted`.
 */

import { isBlank } from "../text.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Mode, Deed } from "../protocol.js" */

/** @typedef {{ room: string, topic: string, mode: Mode | null }} Described */

/** The place of what is asked for here. */
export const RUN_DIALOG = "run-dialog";

export class RunDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLFormElement} */
  #form;
  /** @type {Described} */
  #room;
  /** @type {"describe" | "announce"} */
  #what;
  /** Whether what stands there has been asked for. */
  #isAwaited = false;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#form = part(this, "form", HTMLFormElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => tell(this, "acted", RUN_DIALOG));
  }

  /** @type {(what: "describe" | "announce", room: Described) => void} */
  open(what, room) {
    this.#what = what;
    this.#room = room;
    this.#form.reset();
    for (const piece of parts(this, "[data-for]")) piece.hidden = piece.dataset.for !== what;
    part(this, "[name=topic]", HTMLInputElement).value = room.topic;
    for (const input of parts(this, "[name=mode]")) {
      if (input instanceof HTMLInputElement) input.checked = input.value === room.mode;
    }
    this.show(undefined, false);
    this.#dialog.showModal();
    part(this, what === "describe" ? "[name=topic]" : "[name=message]", HTMLElement).focus();
  }

  /** As that of `<act-dialog>`. @type {(error: string | undefined, isAwaited: boolean) => void} */
  show(error, isAwaited) {
    const place = part(this, "[data-error]", HTMLElement);
    if (place.textContent !== (error ?? "")) place.textContent = error ?? "";
    place.hidden = !error;
    part(this, "[data-offline]", HTMLElement).hidden = error !== "";
    this.#isAwaited = isAwaited;
    part(this, "[type=submit]", HTMLElement).ariaDisabled = String(isAwaited);
  }

  /** It is done. */
  close() {
    this.#dialog.close();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  #submit() {
    if (this.#isAwaited) return;
    const deed = this.#what === "announce" ? this.#announcement() : this.#description();
    if (deed) tell(this, "acts", { place: RUN_DIALOG, name: "", deeds: [deed] });
    else this.close();
  }

  /** @type {() => Deed | null} */
  #announcement() {
    const message = this.#value("message");
    return isBlank(message) ? null : { type: "announce", room: this.#room.room, message };
  }

  /** Only what is new. @type {() => Deed | null} */
  #description() {
    const { room, topic, mode } = this.#room;
    const wanted = { topic: this.#value("topic"), mode: /** @type {Mode} */ (this.#value("mode")) };
    const news = {
      ...(wanted.topic === topic ? {} : { topic: wanted.topic }),
      ...(wanted.mode && wanted.mode !== mode ? { mode: wanted.mode } : {}),
    };
    return Object.keys(news).length > 0 ? { type: "run", room, ...news } : null;
  }

  /** @type {(name: string) => string} */
  #value(name) {
    return String(new FormData(this.#form).get(name) ?? "").trim();
  }
}

customElements.define("run-dialog", RunDialog);
