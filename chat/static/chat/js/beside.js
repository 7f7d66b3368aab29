/** What is to be seen around the talk: who is here, which rooms there are, where one writes, what one is told. */

import { part, parts } from "./elements/part.js";
import { rememberRooms } from "./memory.js";
import { shown } from "./message-window.js";
import { offered } from "./offers.js";
import { page } from "./page.js";
import { unreadBeside, withShown } from "./room-list.js";
import { current, isReader, isShutOut, isSlow, silence } from "./state.js";
import { unsent } from "./unsent.js";

/** @import { AddressBar } from "./address-bar.js" */
/** @import { Member, Summary } from "./protocol.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

export class Beside {
  #store;
  #bar;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #painting = null;
  /** Whether we are shown that we are shut out. */
  #isOut = false;
  /** What the list of rooms was made of. @type {unknown[]} */
  #listed = [];
  /** Of what and where it was told last what could not be sent. @type {State["outbox"] | undefined} */
  #outbox;
  #slug = "";

  /**
   * From now on show what the store knows, each room with its address in the bar.
   * @param {Store} store
   * @param {AddressBar} bar
   */
  constructor(store, bar) {
    this.#store = store;
    this.#bar = bar;
    store.follow((state, before) => {
      if (state.composing !== before.composing) showComposing(state);
      if (!this.#painting) this.#painting = setTimeout(() => this.#paint(), 16);
    });
    this.#paint();
  }

  #paint() {
    this.#painting = null;
    const { state } = this.#store;
    const room = current(state);
    const isConnected = state.connection.phase === "connected";
    page.online.show(isConnected ? onlineIn(state) : null);
    page.onlineStatus.show(isConnected ? onlineIn(state) : null);
    page.name.show({ ...state.me, isAsked: isReader(state) && state.guests === "speak" });
    page.note.show(state.note);
    page.words.show(state.words);
    page.pinned.show(room.pinned?.isGone ? null : room.pinned);
    this.#showShutOut(state);
    page.typing.show(room.typists.map(({ name }) => name));
    this.#showUnsent(state);
    page.composer.silence(silence(state), room.muted);
    page.composer.pace(isSlow(room) ? room : null);
    this.#showRooms(state);
    page.people.show({
      roster: room.roster,
      typists: room.typists,
      self: self(state),
      online: onlineIn(state),
      ...offered(state),
      maySpeak: silence(state) === null,
    });
  }

  /** @type {(state: State) => void} */
  #showUnsent(state) {
    if (this.#outbox === state.outbox && this.#slug === state.slug) return;
    [this.#outbox, this.#slug] = [state.outbox, state.slug];
    page.unsent.show(unsent(state));
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
      rooms: summaries.toSorted(archivedLast).map((summary) => ({ ...summary, href: this.#bar.of(summary.room) })),
      slug,
      hasRooms,
      hasMore: list.hasMore,
      mayCreate: list.mayCreate,
      isUser: me.isUser,
      beside: unreadBeside(list, slug),
    });
  }
}

/** Where nothing more is said is looked for last. @type {(one: Summary, other: Summary) => number} */
function archivedLast(one, other) {
  return Number(one.mode === "archived") - Number(other.mode === "archived");
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

/** @type {(state: State) => void} */
function showComposing(state) {
  const { composing } = state;
  const message = composing && shown(state, composing.id);
  if (!composing) return page.composer.compose(null);
  const subject = { author: message?.sender ?? composing.author ?? "", text: message?.message ?? composing.text ?? "" };
  page.composer.compose({ ...composing, ...subject });
}
