/** What is to be seen of what the page knows. */

import { part, parts } from "./elements/part.js";
import { recallName, rememberRooms } from "./memory.js";
import { offered } from "./offers.js";
import { isLimited } from "./outbox.js";
import { page } from "./page.js";
import { unreadBeside, withShown } from "./room-list.js";
import { news, rows } from "./rows.js";
import { current, isOwn, isShutOut, isSlow, shown, silence, titleOf } from "./state.js";

/** @import { AddressBar } from "./address-bar.js" */
/** @import { Member } from "./protocol.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

export class Screen {
  #store;
  #bar;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #painting = null;
  /** What the list of rooms was made of. @type {unknown[]} */
  #listed = [];
  /** The room that was shown last. */
  #slug;
  /** Whether we are shown that we are shut out. */
  #isOut = false;
  /** What the room was called when the page was made. */
  #title = document.title;

  /**
   * From now on show what the store knows, each room with its address in the bar.
   * @param {Store} store
   * @param {AddressBar} bar
   */
  constructor(store, bar) {
    this.#store = store;
    this.#bar = bar;
    this.#slug = store.state.slug;
    store.follow((state, before) => {
      if (state.composing !== before.composing) showComposing(state);
      // Gathers a burst of frames. An animation frame would not come in a hidden tab, whose title counts on.
      if (!this.#painting) this.#painting = setTimeout(() => this.#paint(), 16);
    });
  }

  #paint() {
    this.#painting = null;
    const { state } = this.#store;
    const room = current(state);
    const isConnected = state.connection.phase === "connected";
    page.connection.show(state.connection);
    page.online.show(isConnected ? onlineIn(state) : null);
    page.name.show({ ...state.me, name: isConnected || state.me.isUser ? state.me.name : known(state) });
    page.note.show(state.note);
    page.words.show(state.words);
    page.pinned.show(room.pinned?.isGone ? null : room.pinned);
    this.#showShutOut(state);
    page.log.show({
      slug: state.slug,
      rows: rows(state),
      news: news(state),
      isPlaced: room.divider !== undefined,
      online: isConnected ? onlineIn(state) : null,
      beyond: room.beyond.filter((message) => !isOwn(state, message)),
      hasEarlier: room.hasEarlier,
      hasLater: room.hasLater,
      loading: room.asking,
      isConnected,
      isCaughtUp: room.isCaughtUp,
      isSilent: silence(state) !== null,
      isLimited: state.outbox.some(isLimited),
    });
    page.typing.show(room.typists.map(({ name }) => name));
    page.composer.silence(silence(state), room.muted);
    page.composer.pace(isSlow(room) ? room : null);
    if (state.seeking !== null && page.log.reveal(state.seeking)) this.#store.dispatch({ type: "found" });
    this.#showRooms(state);
    page.people.show({
      roster: room.roster,
      self: self(state),
      online: onlineIn(state),
      ...offered(state),
    });
    const title = titleOf(state, state.slug) || this.#title;
    this.#showTitle(title, state.unread);
    if (this.#slug !== state.slug) this.#showOpened(state.slug, title);
    if (page.topic.textContent !== room.topic) page.topic.textContent = page.topic.title = room.topic;
    page.topic.hidden = room.topic === "";
  }

  /** Who is shut out sees that, and nothing of the chat. @type {(state: State) => void} */
  #showShutOut(state) {
    const isOut = isShutOut(state);
    const isBack = this.#isOut && !isOut;
    if (!isOut && !isBack) return;
    this.#isOut = isOut;
    const place = part(document, "shut-out", HTMLElement);
    part(document, ".chat", HTMLElement).hidden = isOut;
    place.hidden = !isOut;
    page.shutOut.show(isOut ? state.connection : null);
    if (isBack) page.composer.focus();
    if (!isOut) return;
    // They stand above all of the page.
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    for (const card of parts(document, ":popover-open")) card.hidePopover();
  }

  /** @type {(state: State) => void} */
  #showRooms(state) {
    const { list, slug, me } = state;
    if (!list) return;
    const room = current(state);
    const made = [list, slug, me, ...(list.rooms.has(slug) ? [] : [room])];
    if (made.length === this.#listed.length && made.every((one, index) => one === this.#listed[index])) return;
    this.#listed = made;
    const summaries = withShown(list, room, me.role);
    const hasRooms = summaries.some(({ room }) => room !== slug) || list.mayCreate;
    rememberRooms(hasRooms);
    page.rooms.show({
      rooms: summaries.map((summary) => ({ ...summary, href: this.#bar.of(summary.room) })),
      slug,
      hasRooms,
      hasMore: list.hasMore,
      mayCreate: list.mayCreate,
      isUser: me.isUser,
      unread: unreadBeside(list, slug),
    });
  }

  /** Another room is shown, which is to be heard of as well. @type {(slug: string, title: string) => void} */
  #showOpened(slug, title) {
    this.#slug = slug;
    page.opened.textContent = title;
  }

  /** @type {(title: string, unread: number) => void} */
  #showTitle(title, unread) {
    document.title = unread ? `(${unread}) ${title}` : title;
    if (page.title.textContent !== title) page.title.textContent = page.title.title = title;
  }
}

/** @type {(state: State) => number | null} */
function onlineIn(state) {
  return current(state).online ?? state.list?.rooms.get(state.slug)?.online ?? null;
}

/** Ourselves, where we are among those who are here. @type {(state: State) => Member | undefined} */
function self(state) {
  const { isIn, roster } = current(state);
  const { id, name } = state.me;
  if (name === null || !(isIn || roster.members.has(id))) return undefined;
  return /** @type {Member} */ (state.me);
}

/** What a guest is called, before the server says so. @type {(state: State) => string | null} */
function known({ connection, me }) {
  return connection.phase === "outside" ? recallName() : me.name;
}

/** @type {(state: State) => void} */
function showComposing(state) {
  const { composing } = state;
  const message = composing && shown(state, composing.id);
  const subject = { author: message?.sender ?? "", text: message?.message ?? "" };
  page.composer.compose(composing && { ...composing, ...subject });
}
