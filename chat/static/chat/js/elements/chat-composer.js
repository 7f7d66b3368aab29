/**
 * `<chat-composer>`: where a message is written, or written anew; where nothing may be said, it says why. Tells of
 * `draft` (every change), `typing` (the person changes a text that is not empty), `post`,
 * `edit-last` (Arrow Up in an empty box) and `dismiss` (what it was about is to be forgotten).
 */

import { countdown, duration, moment } from "../dates.js";
import { isBlank } from "../text.js";
import { CharacterCount } from "./character-count.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Composing } from "../state.js" */

/**
 * What the text is about, with the author and the words of that message.
 * @typedef {Composing & { author: string, text: string }} Subject
 */

/** @import { Muted } from "../protocol.js" */

/** What is longer to wait, in seconds, is not counted down. */
const DAY = 86_400;

export class ChatComposer extends PageElement {
  /** @type {HTMLTextAreaElement} */
  #box;
  /** @type {CharacterCount} */
  #count;
  /** Null for a new message. @type {Subject | null} */
  #subject = null;
  /** What was being written before an edit, and comes back after it. */
  #aside = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  /** Until when one waits here between two messages. */
  #slowUntil = 0;
  /** Why nothing may be said here, if a moderator does not let one. @type {Muted | null} */
  #muted = null;
  /** What is half written in place of messages, by their ids: another room may be looked at meanwhile. */
  #edits = new Map();

  begin() {
    this.#box = part(this, "textarea", HTMLTextAreaElement);
    this.#count = new CharacterCount(this.#box, this, Number(this.dataset.limit));
    // On a touch keyboard the key says what it does.
    this.#box.enterKeyHint = isTouch() ? "enter" : "send";
    this.#box.addEventListener("input", () => {
      if (this.#subject?.kind === "edit") this.#edits.set(this.#subject.id, this.#box.value);
      this.#changed();
      if (!isBlank(this.#box.value)) tell(this, "typing");
    });
    this.#box.addEventListener("keydown", (event) => this.#press(event));
    this.#part("dismiss").addEventListener("click", () => this.#dismiss());
    part(this, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#post();
    });
    this.#measure();
  }

  /** Put an earlier draft into the box, or behind what is being edited there. @type {(text: string) => void} */
  restore(text) {
    if (this.#isEdit()) this.#aside = text;
    else this.#box.value = text;
    this.#changed();
  }

  /**
   * Say why nothing is to be said here, if that is so. What takes the place of the other takes its focus, too.
   * @type {(why: string | null, muted?: Muted | null) => void}
   */
  silence(why, muted = null) {
    // What is hidden has the focus no more.
    const focused = document.activeElement;
    part(this, "form", HTMLFormElement).hidden = why !== null;
    for (const words of parts(this, "[data-silence]")) words.hidden = words.dataset.silence !== why;
    if (muted !== this.#muted) this.#showMuted(muted);
    if (this.contains(focused) && !focused?.checkVisibility()) this.focus();
  }

  /**
   * Say for how long one waits between two messages, if that is so, and for how much longer now.
   * @type {(pace: { slow: number, slowUntil: number } | null) => void}
   */
  pace(pace) {
    this.#part("slow").hidden = pace === null;
    this.#part("slow-time").textContent = pace ? duration(pace.slow) : "";
    this.#slowUntil = pace?.slowUntil ?? 0;
    this.#tick();
  }

  /** Put what was not let through back into the box, before what stands there. @type {(text: string) => void} */
  revise(text) {
    const others = this.#isEdit() || isBlank(this.#box.value) ? "" : `\n${this.#box.value}`;
    this.#box.value = text + others;
    if (this.#subject?.kind === "edit") this.#edits.set(this.#subject.id, this.#box.value);
    this.#changed();
    this.#box.focus();
  }

  /** Write about this, or nothing but a new message. @type {(subject: Subject | null) => void} */
  compose(subject) {
    if (this.#isEdit()) this.#box.value = this.#aside;
    this.#subject = subject;
    if (subject?.kind === "edit") {
      this.#aside = this.#box.value;
      this.#box.value = this.#edits.get(subject.id) ?? subject.edited ?? subject.text;
    }
    this.#showContext();
    this.#changed();
    if (!subject) return;
    if (subject.isRecalled) this.focus();
    else this.#box.focus();
    this.#box.setSelectionRange(this.#box.value.length, this.#box.value.length);
  }

  /**
   * Ready to write, where that does not make a keyboard cover half of the screen; or to read why nothing is to be
   * said.
   */
  focus() {
    const words = parts(this, "[data-silence]").find(({ hidden }) => !hidden);
    if (words) words.focus();
    else if (!isTouch()) this.#box.focus();
  }

  /** Whether nothing is to be said here. */
  get isSilent() {
    return part(this, "form", HTMLFormElement).hidden;
  }

  /** What is typed next goes into the box, wherever it was left. */
  write() {
    this.#box.focus();
  }

  /** @type {(muted: Muted | null) => void} */
  #showMuted(muted) {
    this.#muted = muted;
    const until = muted?.until ? Date.parse(muted.until) : null;
    this.#part("muted-until").hidden = until === null;
    this.#part("muted-moment").textContent = until === null ? "" : moment(until);
    this.#part("muted-why").hidden = !muted?.reason;
    this.#part("muted-reason").textContent = muted?.reason ?? "";
    this.#tick();
  }

  /** What is left to wait, second by second. */
  #tick() {
    const now = Date.now();
    const mutedUntil = this.#muted?.until ? Date.parse(this.#muted.until) : 0;
    for (const [name, until] of Object.entries({ slow: this.#slowUntil, muted: mutedUntil })) {
      const left = (until - now) / 1000;
      this.#part(`${name}-left`).hidden = left <= 0 || left > DAY;
      this.#part(`${name}-seconds`).textContent = countdown(left);
    }
    const isWaiting = Math.max(this.#slowUntil, mutedUntil) > now;
    if (!isWaiting) clearInterval(this.#ticking);
    if (isWaiting !== (this.#ticking !== undefined)) {
      this.#ticking = isWaiting ? setInterval(() => this.#tick(), 1000) : undefined;
    }
  }

  #showContext() {
    const kind = this.#subject?.kind;
    const context = this.#part("context");
    // The button that has put it away goes with it, and would leave the focus to nobody.
    if (!kind && context.contains(document.activeElement)) this.#box.focus();
    context.hidden = !kind;
    for (const piece of this.querySelectorAll("[data-kind]")) {
      // Not `hidden =`, which an icon does not have.
      piece.toggleAttribute("hidden", piece.getAttribute("data-kind") !== kind);
    }
    this.#part("context-author").textContent = this.#subject?.author ?? "";
    this.#part("context-text").textContent = this.#subject?.text ?? "";
  }

  /** @type {(event: KeyboardEvent) => void} */
  #press(event) {
    // The key that picks a word in an input method does nothing else; Safari says so by 229 alone.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && this.#subject) this.#dismiss();
    if (event.key === "ArrowUp" && this.#box.value === "" && !this.#subject) {
      event.preventDefault();
      tell(this, "edit-last");
    }
    // A touch keyboard has no Shift+Enter, so there Enter breaks the line and the button sends.
    const isMeant = event.ctrlKey || event.metaKey || !(event.shiftKey || isTouch());
    if (event.key !== "Enter" || !isMeant) return;
    event.preventDefault();
    this.#post();
  }

  #post() {
    if (this.#count.isOver) this.#count.say();
    if (!this.#canPost()) return;
    const text = this.#text();
    // An edit is put away by `compose`, which brings back what was written before.
    if (!this.#isEdit()) this.#box.value = "";
    this.#edits.delete(this.#subject?.id);
    this.#changed();
    tell(this, "post", text);
  }

  #dismiss() {
    this.#edits.delete(this.#subject?.id);
    tell(this, "dismiss");
  }

  #changed() {
    this.#measure();
    const { value } = this.#box;
    tell(this, "draft", this.#isEdit() ? { text: this.#aside, edited: value } : { text: value, edited: null });
  }

  #measure() {
    // The invisible twin behind the box holds the same text, and so the box grows with it.
    this.#part("twin").dataset.text = this.#box.value;
    this.#count.show(this.#text());
    part(this, "[data-send]", HTMLButtonElement).disabled = !this.#canPost();
  }

  #canPost() {
    return !isBlank(this.#text()) && !this.#count.isOver;
  }

  #isEdit() {
    return this.#subject?.kind === "edit";
  }

  #text() {
    return this.#box.value.trimEnd();
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

customElements.define("chat-composer", ChatComposer);
