/** How elements say what happened, and how it is heard: an event that bubbles, under a name of our own. */

/** Before each name, so that none is one of the DOM's: a `name` or a `reply` may be told there one day. */
const PREFIX = "chat-";

/** @import { Act, Place } from "../moderation.js" */
/** @import { Tool } from "../tools.js" */
/** @import { Deed, Member, QueueItem } from "../protocol.js" */
/** @import { Wish } from "../state.js" */
/** @import { Wanted } from "../telling.js" */

/**
 * All that elements tell, and the detail of each: what was written, the id of a message, the ref of a change.
 * @typedef {{
 *   name: string, rename: void, cancel: "renaming" | "wish", connect: void, noted: void,
 *   alerts: void, wanted: Wanted, open: string, "new-room": void, wish: Wish, people: { isOpened: boolean }, person: { member: Member, from: HTMLElement },
 *   write: void, draft: { text: string, edited: string | null }, typing: void, post: string, dismiss: void, "edit-last": void,
 *   actions: { id: number, from: HTMLElement }, react: { id: number, emoji: string, on: boolean }, pick: { id: number, from: HTMLElement },
 *   reply: number, edit: number, report: number, "report-surely": { id: number, reason: string }, erase: number, "erase-surely": number,
 *   retry: string, discard: string, "retry-all": void, "discard-all": void, revise: string, "word-read": number,
 *   tool: { tool: Tool, message?: number, member?: Member }, acts: { place: Place, name: string, deeds: Deed[] },
 *   undo: Act, again: Act, acted: Place, queue: { isAnew: boolean }, author: QueueItem, find: QueueItem, run: "describe" | "announce",
 *   search: { q: string, isHere: boolean }, "search-on": void, aim: { slug: string, id: number }, jump: string, link: number, words: number, mention: string,
 *   seek: number, earlier: void, later: void, latest: void, "first-new": void, look: boolean,
 * }} Told
 */

/** What somebody hears. @type {Set<string>} */
const heard = new Set();
/** What was told before that, the last of each name. @type {Map<string, unknown>} */
const unheard = new Map();

/**
 * @template {keyof Told} Name
 * @param {Element} element
 * @param {Name} name
 * @param {Told[Name]} [detail]
 */
export function tell(element, name, detail) {
  if (!heard.has(name)) unheard.set(name, detail);
  element.dispatchEvent(new CustomEvent(PREFIX + name, { detail, bubbles: true }));
}

/**
 * From now on call what `acts` has under a name with the detail of each event that is told by this name, and in a moment
 * with that of the last one that nobody has heard: the page may have been looked at, and clicked, before it is whole.
 * @type {(target: EventTarget, acts: { [Name in keyof Told]?: (detail: Told[Name]) => void }) => void}
 */
export function hear(target, acts) {
  /** @type {[string, (detail: any) => void][]} */
  const known = Object.entries(acts);
  for (const [name, act] of known) {
    target.addEventListener(PREFIX + name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    if (unheard.has(name)) setTimeout(act, 0, unheard.get(name));
    unheard.delete(name);
    heard.add(name);
  }
}
