/** Of which messages the person wants to be told, and in which words. Plain rules; teller.js does it. */

import { isOwn, isToUs, titleOf } from "./state.js";

/** @import { Message } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * Of which messages somebody is told: none, those to them (what mentions or answers them, or is said to them alone), or all in the rooms that the page listens to; and whether that
 * is to be heard.
 * @typedef {{ what: typeof CHOICES[number], sound: boolean }} Wanted
 */
export const CHOICES = /** @type {const} */ (["none", "mentions", "all"]);
/** @type {Wanted} */
export const NOTHING = { what: "none", sound: false };

/** How much of a message is told, in characters. */
const LENGTH = 200;

/**
 * Whether a message that has just come is news to somebody who wants this. What was said before the page knew the room is
 * not.
 * @type {(state: State, before: State, message: Message, wanted: Wanted) => boolean}
 */
export function isToBeTold(state, before, message, { what }) {
  const known = before.rooms.get(message.room);
  const isNews = known && (known.isIn || known.newest > 0) && message.id > known.newest;
  if (what === "none" || !isNews || isOwn(state, message)) return false;
  return what === "all" || isToUs(state, message) || answersUs(state, message) || isDirect(state, message.room);
}

/**
 * Who says it, and where, if that is no conversation; and what. Each name keeps its own direction.
 * @type {(state: State, message: Message) => { title: string, body: string }}
 */
export function words(state, { room, sender, message = "" }) {
  const letters = [...message];
  const body = letters.length > LENGTH ? `${letters.slice(0, LENGTH - 1).join("")}…` : message;
  const names = isDirect(state, room) ? [sender] : [sender, titleOf(state, room)];
  return { title: names.map((name) => `\u2068${name}\u2069`).join(" · "), body };
}

/** @type {(state: State, message: Message) => boolean} */
function answersUs({ me }, { quote }) {
  return quote?.sender_id === me.id;
}

/** @type {(state: State, slug: string) => boolean} */
function isDirect({ list }, slug) {
  return Boolean(list?.rooms.get(slug)?.direct);
}
