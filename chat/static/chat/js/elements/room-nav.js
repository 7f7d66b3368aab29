/**
 * `<room-nav>`: the rooms that one may enter, and the conversations of two. Tells of `open` (detail: the slug of
 * the room that was chosen) and `new-room`.
 */

import { hue } from "../hue.js";
import { recallRooms } from "../memory.js";
import { capped } from "../many.js";
import { initial } from "../text.js";
import { around, part, parts } from "./part.js";
import { SidePanel } from "./side-panel.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Summary } from "../protocol.js" */

/** @typedef {Summary & { href: string }} RoomItem */
/**
 * `beside` is what is unread in all rooms but the one that is shown, and how much of it is to us.
 * @typedef {{
 *   rooms: RoomItem[], slug: string, hasRooms: boolean, hasMore: boolean, mayCreate: boolean, isUser: boolean,
 *   beside: { unread: number, mentions: number },
 * }} RoomsView
 */

export class RoomNav extends SidePanel {
  /** By the slugs of their rooms. @type {Map<string, HTMLElement>} */
  #items = new Map();
  /** The room that is shown. */
  #slug = "";

  begin() {
    super.begin();
    this.#offer(recallRooms());
    this.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @type {(view: RoomsView) => void} */
  show(view) {
    this.#offer(view.hasRooms);
    this.#removeOthers(new Set(view.rooms.map(({ room }) => room)));
    const directs = view.rooms.filter(({ direct }) => direct);
    this.#arrange(this.#part("rooms"), view.rooms.filter(({ direct }) => !direct), view.slug);
    this.#arrange(this.#part("directs"), directs, view.slug);
    this.#part("conversations").hidden = directs.length === 0;
    this.#part("more").hidden = !view.hasMore;
    this.#part("new").hidden = !view.mayCreate;
    for (const offer of parts(this, "[data-guest]")) offer.hidden = view.isUser;
    showBeside(view.beside);
    if (view.slug !== this.#slug) this.#reveal(view.slug);
  }

  opened() {
    this.#reveal(this.#slug);
  }

  /** The room that is shown, or the first. */
  first() {
    const [first] = [...parts(this, "[aria-current]"), ...parts(this, "a")];
    return first ?? null;
  }

  /** Have the room that is shown in sight. @type {(slug: string) => void} */
  #reveal(slug) {
    this.#slug = slug;
    this.#items.get(slug)?.scrollIntoView({ block: "nearest" });
  }

  /** Where there is but one room, there is nothing to choose. @type {(hasRooms: boolean) => void} */
  #offer(hasRooms) {
    part(document, `[aria-controls="${this.id}"]`, HTMLElement).hidden = !hasRooms;
    this.want(hasRooms);
  }

  /**
   * First of all: whatever stays where it is need not be moved then, and keeps the focus.
   * @type {(known: Set<string>) => void}
   */
  #removeOthers(known) {
    for (const [slug, item] of this.#items) {
      if (known.has(slug)) continue;
      item.remove();
      this.#items.delete(slug);
    }
  }

  /** @type {(list: HTMLElement, rooms: RoomItem[], slug: string) => void} */
  #arrange(list, rooms, slug) {
    rooms.forEach((room, index) => {
      const item = this.#items.get(room.room) ?? copy("room-item-template", HTMLElement);
      this.#items.set(room.room, item);
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
      showItem(item, room, room.room === slug);
    });
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    if (around(event, "[data-new]")) {
      this.yield();
      return tell(this, "new-room");
    }
    const link = around(event, "a[data-slug]");
    // A new tab or window is the browser's.
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.yield();
    tell(this, "open", link.dataset.slug);
  }

  /** The room before, or the next one, wherever the focus is. @type {(event: KeyboardEvent) => void} */
  #press(event) {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!by || !event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const links = parts(this, "a[data-slug]");
    const next = links[links.findIndex(({ dataset }) => dataset.slug === this.#slug) + by];
    event.preventDefault();
    if (next) tell(this, "open", next.dataset.slug);
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

/** What is to us goes before all else that is unread: there is room for one number. @type {(beside: RoomsView["beside"]) => void} */
function showBeside({ unread, mentions }) {
  for (const [name, count] of Object.entries({ unread: mentions ? 0 : unread, mentions })) {
    const place = part(document, `[data-rooms-${name}]`, HTMLElement);
    place.hidden = count === 0;
    put(place, "number", capped(count));
  }
}

/** @type {(item: HTMLElement, room: RoomItem, isCurrent: boolean) => void} */
function showItem(item, { room, title, mode, online, unread, mentions, direct, href }, isCurrent) {
  const link = part(item, "a", HTMLAnchorElement);
  link.dataset.slug = room;
  if (link.getAttribute("href") !== href) link.href = href;
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  link.toggleAttribute("data-unread", Boolean(unread));
  put(item, "title", direct?.name ?? title);
  part(item, "[data-title]", HTMLElement).title = direct?.name ?? title;
  for (const mark of parts(item, "[data-mode]")) {
    // Not `hidden =`, which an icon does not have.
    mark.toggleAttribute("hidden", Boolean(direct) || mark.dataset.mode !== mode);
  }
  const face = part(item, "[data-face]", HTMLElement);
  face.hidden = !direct;
  if (direct) {
    face.textContent = initial(direct.name);
    face.style.setProperty("--hue", String(hue(direct.id)));
  }
  part(item, "[data-online]", HTMLElement).hidden = Boolean(direct) || online === 0;
  put(item, "online-count", String(online));
  const count = part(item, "[data-count]", HTMLElement);
  count.hidden = !unread;
  // All of a conversation is to us.
  count.toggleAttribute("data-to-us", Boolean(direct));
  put(item, "unread-count", capped(unread ?? 0));
  part(item, "[data-mentions]", HTMLElement).hidden = Boolean(direct) || !mentions;
  put(item, "mentions-count", capped(mentions ?? 0));
}

/** @type {(item: HTMLElement, name: string, text: string) => void} */
function put(item, name, text) {
  const place = part(item, `[data-${name}]`, HTMLElement);
  if (place.textContent !== text) place.textContent = text;
}

customElements.define("room-nav", RoomNav);
