/** Tells the person of what is said while they look elsewhere: by a notification and a sound, in one tab of the browser. */

import { ring } from "./chime.js";
import { Desktop } from "./desktop.js";
import { drafterOf, isShutOut } from "./state.js";
import { isFirst, recallWanted } from "./told.js";
import { isToBeTold, words } from "./telling.js";

/** @import { Frame, Message } from "./protocol.js" */
/** @import { PageEvent } from "./reducer.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/**
 * How long a tab waits, in milliseconds, for one in which the room is looked at; and for how much longer where nobody has
 * done anything in it: there the browser lets it make no sound.
 */
const [PATIENCE, POLITE] = [250, 250];

export class Teller {
  #store;
  #desktop;
  /**
   * What is to be told in a moment, by the slug of its room: of all that comes meanwhile the latest, under the id of the
   * first. So a flood is a few notifications, and the tabs agree on whose it is.
   * @type {Map<string, { first: number, message: Message }>}
   */
  #waiting = new Map();

  /** From now on the person is told, if they have asked for that. @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.#desktop = new Desktop((room, id) => store.dispatch({ type: "open", slug: room }, { type: "seek", id }));
    store.follow((state, before, events) => this.#follow(state, before, events));
    for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => this.#look(), true);
    addEventListener("pagehide", () => this.#close(() => true));
  }

  /** @type {(state: State, before: State, events: PageEvent[]) => void} */
  #follow(state, before, events) {
    for (const event of events) if (event.type === "frame") this.#hear(state, before, event.frame);
    if (state.isOver || isShutOut(state)) this.#close(() => true);
    else if (state.rooms !== before.rooms) this.#close((room) => !isKnown(state, room));
    if (state.slug !== before.slug) this.#look();
  }

  /** @type {(state: State, before: State, frame: Frame) => void} */
  #hear(state, before, frame) {
    if (frame.type === "update" && frame.deleted) this.#close((_room, id) => id === frame.id);
    if (frame.type === "read") this.#close((room, id) => room === frame.room && id <= frame.id);
    if (frame.type !== "message" || !isToBeTold(state, before, frame, recallWanted(drafterOf(state.me)))) return;
    const burst = this.#waiting.get(frame.room);
    this.#waiting.set(frame.room, { first: burst?.first ?? frame.id, message: frame });
    if (burst) return;
    const isPolite = navigator.userActivation?.hasBeenActive === false;
    // Where it is seen anyway, no other tab need tell of it.
    const patience = isLookedAt(state, frame.room) ? 0 : PATIENCE + (isPolite ? POLITE : 0);
    setTimeout(() => this.#tell(frame.room, frame.id), patience);
  }

  /** @type {(room: string, first: number) => Promise<void>} */
  async #tell(room, first) {
    const isOurs = await isFirst(first);
    const burst = this.#waiting.get(room);
    // It may be deleted by now, or read.
    if (burst?.first !== first) return;
    this.#waiting.delete(room);
    const { state } = this.#store;
    const { what, sound } = recallWanted(drafterOf(state.me));
    if (!isOurs || what === "none" || isLookedAt(state, room)) return;
    this.#desktop.show({ room, id: burst.message.id, ...words(state, burst.message) });
    if (sound) ring();
  }

  /** What is in sight is told no more. */
  #look() {
    const { state } = this.#store;
    this.#close((room) => isLookedAt(state, room));
  }

  /** @type {(isOver: (room: string, id: number) => boolean) => void} */
  #close(isOver) {
    for (const [room, { message }] of this.#waiting) if (isOver(room, message.id)) this.#waiting.delete(room);
    this.#desktop.closeWhere(isOver);
  }
}

/** Whether somebody sits before this tab, and sees this room. @type {(state: State, room: string) => boolean} */
function isLookedAt({ slug }, room) {
  return slug === room && !document.hidden && document.hasFocus();
}

/** @type {(state: State, room: string) => boolean} */
function isKnown({ rooms }, room) {
  return rooms.get(room)?.isGone === false;
}
