/**
 * `<moderation-panel>`: what a moderator does with the room that is shown, and what waits for them. Tells of `acts`,
 * `run` (detail: which dialog is wanted), `queue` (somebody has opened it, or wants more), `author` and `find` (detail:
 * an item whose author, or whose message, is wanted).
 */

import { moment, showTime } from "../dates.js";
import { ABOVE, keyOf } from "../moderation.js";
import { capped } from "../many.js";
import { around, part, parts } from "./part.js";
import { SidePanel } from "./side-panel.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Act } from "../moderation.js" */
/** @import { Message, Mode, QueueItem } from "../protocol.js" */

/**
 * @typedef {object} PanelView
 * @property {boolean} isModerator or no longer
 * @property {{ slug: string, title: string, mode: Mode | null, slow: number } | null} room the one that we may run
 * @property {QueueItem[]} items
 * @property {number | null} count
 * @property {boolean} hasMore
 * @property {Act[]} acts what is awaited or refused
 */

export class ModerationPanel extends SidePanel {
  /** @type {PanelView} */
  #view = { isModerator: true, room: null, items: [], count: null, hasMore: false, acts: [] };
  /** By the keys of their items. @type {Map<string, HTMLElement>} */
  #items = new Map();

  begin() {
    super.begin();
    this.addEventListener("click", (event) => this.#click(event));
    this.#part("items").addEventListener("keydown", (event) => this.#step(event));
  }

  opened() {
    tell(this, "queue", { isAnew: true });
  }

  /** @type {(view: PanelView) => void} */
  show(view) {
    this.#view = view;
    part(document, `[aria-controls="${this.id}"]`, HTMLElement).hidden = !view.isModerator;
    if (!view.isModerator) this.#resign();
    const count = part(document, "[data-waiting]", HTMLElement);
    count.hidden = !view.count;
    part(count, "[data-number]", HTMLElement).textContent = capped(view.count ?? 0);
    this.#showRoom();
    this.#arrange();
    this.#part("empty").hidden = view.items.length > 0 || view.count === null;
    this.#part("more").hidden = !view.hasMore;
  }

  /** It is for a moderator no longer. What had the focus in it leaves that to the talk. */
  #resign() {
    const hadFocus = this.contains(document.activeElement);
    this.vanish();
    if (hadFocus) part(document, "chat-log [data-scroller]", HTMLElement).focus({ preventScroll: true });
  }

  #showRoom() {
    const { room, acts } = this.#view;
    this.#part("run").hidden = room === null;
    if (!room) return;
    this.#part("title").textContent = room.title;
    const isBusy = acts.some(({ deed, error }) => deed.type === "run" && error === undefined);
    const toggle = part(this, "[data-switch]", HTMLButtonElement);
    toggle.setAttribute("aria-checked", String(room.mode === "users"));
    // In others it is not for guests alone that they are as they are.
    toggle.disabled = room.mode !== "open" && room.mode !== "users";
    toggle.ariaBusy = String(isBusy);
    for (const choice of parts(this, "[data-slow]")) {
      choice.setAttribute("aria-pressed", String(Number(choice.dataset.slow) === room.slow));
    }
  }

  /** What stays where it is keeps the focus; where that is gone, the next item has it. */
  #arrange() {
    const list = this.#part("items");
    const { items, acts } = this.#view;
    const keys = new Set(items.map(keyOf));
    const focused = [...this.#items].findIndex(([, element]) => element.contains(document.activeElement));
    for (const [key, element] of this.#items) {
      if (keys.has(key)) continue;
      element.remove();
      this.#items.delete(key);
    }
    /** @type {Element | null} */
    let last = null;
    for (const item of items) {
      const key = keyOf(item);
      const element = this.#items.get(key) ?? copy("queue-item-template", HTMLElement);
      this.#items.set(key, element);
      const act = acts.find(({ place }) => place === key);
      /** @type {Element | null} */
      const next = last ? last.nextElementSibling : list.firstElementChild;
      if (element !== next) list.insertBefore(element, next);
      last = element;
      showItem(element, item);
      showAct(element, act);
    }
    const isLost = focused >= 0 && !list.contains(document.activeElement);
    if (isLost) ([...this.#items.values()].at(focused) ?? [...this.#items.values()].at(-1) ?? this.first())?.focus();
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    const button = around(event, "button");
    if (!button || !this.contains(button)) return;
    const { slow, decide } = button.dataset;
    if (button.ariaDisabled === "true") return;
    // A dialog gives the focus back to where it was, and that is not in a panel that it has put away.
    if (button.matches("[data-describe], [data-announce], [data-person]")) this.yield();
    if (button.matches("[data-more]")) return tell(this, "queue", { isAnew: false });
    if (button.matches("[data-describe]")) return tell(this, "run", "describe");
    if (button.matches("[data-announce]")) return tell(this, "run", "announce");
    if (button.matches("[data-switch]")) return this.#run({ mode: this.#view.room?.mode === "users" ? "open" : "users" });
    if (slow !== undefined) return this.#run({ slow: Number(slow) });
    const item = this.#itemOf(button);
    if (!item) return;
    if (decide) this.#decide(item, decide === "accept");
    if (button.matches("[data-person]")) tell(this, "author", item);
    if (!button.matches("[data-show]")) return;
    // It is seen in the talk.
    this.yield();
    tell(this, "find", item);
  }

  /** @type {(news: { mode?: Mode, slow?: number }) => void} */
  #run(news) {
    const { room } = this.#view;
    if (room) tell(this, "acts", { place: ABOVE, name: "", deeds: [{ type: "run", room: room.slug, ...news }] });
  }

  /** @type {(item: QueueItem, accept: boolean) => void} */
  #decide(item, accept) {
    const { kind, id, sender } = item;
    tell(this, "acts", { place: keyOf(item), name: sender, deeds: [{ type: "decide", kind, id, accept }] });
  }

  /** The arrows lead from item to item. @type {(event: KeyboardEvent) => void} */
  #step(event) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const items = [...this.#items.values()];
    const next = items[items.findIndex((item) => item.contains(document.activeElement)) + step];
    if (!step || !next) return;
    event.preventDefault();
    next.focus();
  }

  /** @type {(element: HTMLElement) => QueueItem | undefined} */
  #itemOf(element) {
    return this.#view.items.find((item) => this.#items.get(keyOf(item))?.contains(element));
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

/** @type {(element: HTMLElement, item: QueueItem) => void} */
function showItem(element, { kind, title, sender, message, sent_at, reports, reasons, before, after }) {
  const made = JSON.stringify([title, sender, message, reports, reasons, before, after]);
  if (element.dataset.made === made) return;
  element.dataset.made = made;
  for (const piece of parts(element, "[data-kind]")) piece.hidden = piece.dataset.kind !== kind;
  part(element, "[data-reports]", HTMLElement).textContent = reports > 1 ? `×${reports}` : "";
  part(element, "[data-room]", HTMLElement).textContent = title;
  const time = part(element, "[data-time]", HTMLTimeElement);
  showTime(time, Date.parse(sent_at));
  // It may have waited for days.
  time.textContent = moment(Date.parse(sent_at));
  const said = part(element, ".queue-said", HTMLElement);
  part(said, "[data-author]", HTMLElement).textContent = sender;
  part(said, "[data-text]", HTMLElement).textContent = message;
  part(element, "[data-before]", HTMLElement).replaceChildren(...before.map(toLine));
  part(element, "[data-after]", HTMLElement).replaceChildren(...after.map(toLine));
  const given = reasons.filter((reason) => reason !== "");
  const list = part(element, "[data-reasons]", HTMLElement);
  list.hidden = given.length === 0;
  list.replaceChildren(...given.map(toReason));
}

/** @type {(message: Message) => HTMLElement} */
function toLine({ sender, message, deleted }) {
  const line = copy("queue-context-template", HTMLElement);
  part(line, "[data-author]", HTMLElement).textContent = sender;
  part(line, "[data-text]", HTMLElement).textContent = message ?? "";
  part(line, "[data-deleted]", HTMLElement).hidden = !deleted;
  return line;
}

/** @type {(reason: string) => HTMLElement} */
function toReason(reason) {
  const line = copy("queue-reason-template", HTMLElement);
  line.textContent = reason;
  return line;
}

/** Whether it is being decided, or why that was refused. @type {(element: HTMLElement, act: Act | undefined) => void} */
function showAct(element, act) {
  const error = part(element, "[data-error]", HTMLElement);
  if (error.textContent !== (act?.error ?? "")) error.textContent = act?.error ?? "";
  error.hidden = !act?.error;
  part(element, "[data-offline]", HTMLElement).hidden = act?.error !== "";
  const isAwaited = act !== undefined && act.error === undefined;
  // Not disabled: it keeps the focus.
  for (const button of parts(element, "[data-decide]")) button.ariaDisabled = String(isAwaited);
}

customElements.define("moderation-panel", ModerationPanel);
