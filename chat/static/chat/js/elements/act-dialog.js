/**
 * `<act-dialog>`: what is done about somebody, or about what they said. Tells of `acts` (detail: what is asked for), and
 * stands there until that is done: it may be refused. Whoever closes it, or wants something else, it tells of `acted`.
 */

import { rightFor } from "../tools.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Tool } from "../tools.js" */
/** @import { Deed, Right } from "../protocol.js" */

/**
 * Whom it is about, in which room, and the message that they have said there, if it is about one; with what the
 * moderator may do in that room and on the site.
 * @typedef {object} Subject
 * @property {string} id
 * @property {string} name
 * @property {string} room
 * @property {{ id: number, text: string }} [message]
 * @property {{ room: Right[], site: Right[] }} rights
 */
/** @typedef {Exclude<Tool, "restore" | "pin" | "unpin">} Kind */

/** The place of what is asked for here. */
export const DIALOG = "dialog";
/** For how long, where nothing else is chosen. @type {Partial<Record<Kind, string>>} */
const MINUTES = { mute: "10", ban: "" };

export class ActDialog extends PageElement {
  /** @type {HTMLDialogElement} */
  #dialog;
  /** @type {HTMLFormElement} */
  #form;
  /** @type {Subject} */
  #subject;
  /** Whether what is chosen has been asked for. */
  #isAwaited = false;

  begin() {
    this.#dialog = part(this, "dialog", HTMLDialogElement);
    this.#form = part(this, "form", HTMLFormElement);
    // Not when a field is left: what was said would go, and the button move, under who is pressing it.
    this.#form.addEventListener("input", (event) => this.#change(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    part(this, "[data-cancel]", HTMLElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => tell(this, "acted", DIALOG));
  }

  /** @type {(subject: Subject, kind: Kind) => void} */
  open(subject, kind) {
    this.#subject = subject;
    this.#form.reset();
    for (const name of parts(this, "[data-name]")) name.textContent = subject.name;
    this.#part("quote").hidden = !subject.message;
    this.#part("text").textContent = subject.message?.text ?? "";
    const choice = part(this, "[name=kind]", HTMLSelectElement);
    for (const option of choice.options) {
      const isFor = option.value !== "delete" || subject.message !== undefined;
      option.hidden = option.disabled = !isFor || places(subject, /** @type {Kind} */ (option.value)).length === 0;
    }
    choice.value = kind;
    this.#check("minutes", MINUTES[kind] ?? "10");
    this.#check("lately", "60");
    this.#paint();
    this.show(undefined, false);
    this.#dialog.showModal();
    // What there is to press: who has chosen in the menu need not choose again.
    const isToWrite = kind === "warn";
    (isToWrite ? this.#input("reason") : part(this, "[type=submit]", HTMLElement)).focus();
  }

  /**
   * Whether it is awaited, and why it is not done: in the server's words, or empty ones where it could not be asked.
   * @type {(error: string | undefined, isAwaited: boolean) => void}
   */
  show(error, isAwaited) {
    const place = this.#part("error");
    if (place.textContent !== (error ?? "")) place.textContent = error ?? "";
    place.hidden = !error;
    this.#part("offline").hidden = error !== "";
    this.#isAwaited = isAwaited;
    // Not disabled: it keeps the focus.
    part(this, "[type=submit]", HTMLElement).ariaDisabled = String(isAwaited);
  }

  /** It is done. */
  close() {
    this.#dialog.close();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  get #kind() {
    return /** @type {Kind} */ (this.#value("kind"));
  }

  /** @type {(event: Event) => void} */
  #change({ target }) {
    if (target instanceof HTMLSelectElement && target.name === "kind") {
      this.#check("minutes", MINUTES[this.#kind] ?? this.#value("minutes"));
    }
    if (!this.#isAwaited) tell(this, "acted", DIALOG);
    this.#paint();
    if (this.#value("minutes") === "other" && target instanceof HTMLInputElement && target.name === "minutes") {
      this.#input("number").focus();
    }
  }

  /** Show what goes with what is chosen. */
  #paint() {
    const kind = this.#kind;
    const where = places(this.#subject, kind);
    for (const piece of parts(this, "[data-for]")) piece.hidden = !piece.dataset.for?.split(" ").includes(kind);
    for (const input of this.#inputs("where")) chipOf(input).hidden = !where.includes(input.value);
    if (!where.includes(this.#value("where"))) this.#check("where", where[0] ?? "room");
    this.#part("where").hidden = kind === "delete" || where.length < 2;
    this.#part("address").hidden = kind !== "ban" || this.#value("where") !== "site";
    const mayDelete = places(this.#subject, "delete").length > 0;
    const isStopped = ["warn", "mute", "kick", "ban"].includes(kind);
    this.#part("also").hidden = !isStopped || !mayDelete || this.#subject.message === undefined;
    this.#part("own").hidden = this.#value("minutes") !== "other";
    this.#input("reason").required = kind === "warn";
    this.#input("number").disabled = this.#value("minutes") !== "other";
  }

  #submit() {
    if (this.#isAwaited) return;
    const { message } = this.#subject;
    const isAlso = !this.#part("also").hidden && this.#input("also").checked;
    /** @type {Deed[]} */
    const deeds = [this.#deed()];
    // Before the other, which is then told last, with what takes it back.
    if (isAlso && message) deeds.unshift({ type: "delete", id: message.id, reason: this.#value("reason").trim() });
    tell(this, "acts", { place: DIALOG, name: this.#subject.name, deeds });
  }

  /** @type {() => Deed} */
  #deed() {
    const { id, room: here, message } = this.#subject;
    const kind = this.#kind;
    const reason = this.#value("reason").trim();
    const room = this.#value("where") === "site" ? undefined : here;
    switch (kind) {
      case "delete":
        return { type: "delete", id: message?.id ?? 0, reason };
      case "warn":
        return { type: "warn", id, room, reason };
      case "unmute":
        return { type: "lift", kind: "mute", id, room, reason };
      case "unban":
        return { type: "lift", kind: "ban", id, room, reason };
      case "purge":
        return { type: "purge", id, room, minutes: number(this.#value("lately")), reason };
      case "kick":
        return { type: "sanction", kind, id, room, reason };
      default: {
        const address = !this.#part("address").hidden && this.#input("address").checked;
        return { type: "sanction", kind, id, room, minutes: this.#minutes(), reason, ...(address ? { address } : {}) };
      }
    }
  }

  /** @type {() => number | undefined} */
  #minutes() {
    const chosen = this.#value("minutes");
    if (chosen !== "other") return number(chosen);
    return Number(this.#value("number")) * Number(this.#value("unit"));
  }

  /** @type {(name: string) => string} */
  #value(name) {
    return String(new FormData(this.#form).get(name) ?? "");
  }

  /** @type {(name: string) => HTMLInputElement} */
  #input(name) {
    return part(this, `input[name=${name}]`, HTMLInputElement);
  }

  /** @type {(name: string) => HTMLInputElement[]} */
  #inputs(name) {
    return /** @type {HTMLInputElement[]} */ (parts(this, `input[name=${name}]`));
  }

  /** @type {(name: string, value: string) => void} */
  #check(name, value) {
    for (const input of this.#inputs(name)) input.checked = input.value === value;
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

/** Where a moderator may do this: in the room, or on the site. @type {(subject: Subject, kind: Kind) => string[]} */
function places({ rights }, kind) {
  const right = rightFor(kind);
  return [...(rights.room.includes(right) ? ["room"] : []), ...(rights.site.includes(right) ? ["site"] : [])];
}

/** @type {(input: HTMLInputElement) => HTMLElement} */
function chipOf(input) {
  return /** @type {HTMLElement} */ (input.closest("label"));
}

/** Minutes; nothing for good. @type {(text: string) => number | undefined} */
function number(text) {
  return text === "" ? undefined : Number(text);
}

customElements.define("act-dialog", ActDialog);
