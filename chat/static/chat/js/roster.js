/**
 * Who is in a room, as far as the page knows: whom the server has named, and who has come since. Plain rules;
 * frames.js says when each applies.
 */

import { rank } from "./wire.js";

/** @import { Member, MembersListed } from "./protocol.js" */

/**
 * `upTo` is the last of the pages that were asked for, which go by the ids; where it `hasMore`, others come after
 * that. It `isOld` where comings and goings have been told as numbers since it was begun. `asking` is the page on
 * its way; one that `isAnew` begins the list again.
 * @typedef {object} Roster
 * @property {Map<string, Member>} members
 * @property {string} upTo
 * @property {boolean} hasMore
 * @property {boolean} isOld
 * @property {{ after: string, isAnew: boolean } | null} asking
 */

/** @type {Roster} */
export const NOBODY = { members: new Map(), upTo: "", hasMore: false, isOld: false, asking: null };

/** Whom the room names as one enters; there may be more. @type {(members: Member[], online: number) => Roster} */
export function begun(members, online) {
  return { ...NOBODY, members: byId(members), hasMore: online > members.length };
}

/** Somebody is here, maybe under a new name. @type {(roster: Roster, member: Member) => Roster} */
export function came(roster, { id, name, role }) {
  const known = roster.members.get(id);
  if (known?.name === name && (role ?? known.role) === known.role) return roster;
  return { ...roster, members: new Map(roster.members).set(id, { id, name, role: role ?? known?.role }) };
}

/** @type {(roster: Roster, id: string) => Roster} */
export function went(roster, id) {
  if (!roster.members.has(id)) return roster;
  const members = new Map(roster.members);
  members.delete(id);
  return { ...roster, members };
}

/** Some came and went, and nobody says who. @type {(roster: Roster) => Roster} */
export function blurred(roster) {
  return roster.isOld ? roster : { ...roster, isOld: true };
}

/**
 * Somebody has opened the list, or wants more of it: ask for what is missing. A list that is old begins anew where
 * it is opened, or has come to its end; not while somebody goes through it.
 * @type {(roster: Roster, isOpened: boolean) => Roster}
 */
export function asked(roster, isOpened) {
  const { asking, isOld, hasMore, upTo } = roster;
  if (asking || !(isOld || hasMore)) return roster;
  if (isOld && (isOpened || !hasMore)) return { ...roster, isOld: false, asking: { after: "", isAnew: true } };
  return { ...roster, asking: { after: upTo, isAnew: false } };
}

/**
 * The page that was asked for.
 * @type {(roster: Roster, page: Pick<MembersListed, "members" | "more">) => Roster}
 */
export function listed(roster, { members, more }) {
  const { asking, upTo } = roster;
  if (!asking) return roster;
  return {
    ...roster,
    members: asking.isAnew ? byId(members) : new Map([...roster.members, ...byId(members)]),
    upTo: members.at(-1)?.id ?? (asking.isAnew ? "" : upTo),
    hasMore: more && members.length > 0,
    asking: null,
  };
}

/** The connection is gone, or the server cannot say just now. @type {(roster: Roster) => Roster} */
export function unanswered(roster) {
  const { asking, isOld } = roster;
  return asking ? { ...roster, asking: null, isOld: isOld || asking.isAnew } : roster;
}

/**
 * In the order in which people look for somebody: those who look after the room first, then by name. Who looks finds
 * themselves, whatever was told of the others.
 * @type {(roster: Roster, self?: Member) => Member[]}
 */
export function sorted({ members }, self) {
  const all = [...members.values(), ...(self && !members.has(self.id) ? [self] : [])];
  return all.toSorted((one, other) => place(other) - place(one) || names.compare(one.name, other.name));
}

const names = new Intl.Collator(globalThis.document?.documentElement.lang || "en");

/** Members stand among the others. @type {(member: Member) => number} */
function place({ role }) {
  return Math.max(rank(role), rank("member"));
}

/** @type {(members: Member[]) => Map<string, Member>} */
function byId(members) {
  return new Map(members.map((member) => [member.id, member]));
}
