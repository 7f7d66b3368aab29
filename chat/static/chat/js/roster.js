/**
 * Who is in a room, as far as the page knows: whom the server has named, and who has come since. Plain rules;
 * frames.js says when each applies.
 */

import { ROLES } from "./protocol.js";

/** @import { Member, MembersListed } from "./protocol.js" */

/**
 * `upTo` is the last of the pages that were asked for, which go by the ids; where it `hasMore`, others come after
 * that. It `isOld` where comings and goings have been told as numbers since. `asking` is the page on its way.
 * @typedef {object} Roster
 * @property {Map<string, Member>} members
 * @property {string} upTo
 * @property {boolean} hasMore
 * @property {boolean} isOld
 * @property {{ after: string } | null} asking
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
  return roster.isOld ? roster : { ...roster, isOld: true, upTo: "", hasMore: true };
}

/** Somebody looks at the list, or at its end: ask for what is missing. @type {(roster: Roster) => Roster} */
export function asked(roster) {
  if (roster.asking || !roster.hasMore) return roster;
  return { ...roster, asking: { after: roster.upTo } };
}

/**
 * The page that was asked for.
 * @type {(roster: Roster, page: Pick<MembersListed, "members" | "more">) => Roster}
 */
export function listed(roster, { members, more }) {
  if (!roster.asking) return roster;
  const isFresh = roster.isOld && roster.asking.after === "";
  return {
    members: isFresh ? byId(members) : new Map([...roster.members, ...byId(members)]),
    upTo: members.at(-1)?.id ?? roster.upTo,
    hasMore: more && members.length > 0,
    isOld: false,
    asking: null,
  };
}

/** The connection is gone, or the server cannot say just now. @type {(roster: Roster) => Roster} */
export function unanswered(roster) {
  return roster.asking ? { ...roster, asking: null } : roster;
}

/**
 * In the order in which people look for somebody: those who look after the room first, then by name.
 * @type {(roster: Roster) => Member[]}
 */
export function sorted({ members }) {
  const all = [...members.values()];
  return all.toSorted((one, other) => rank(other) - rank(one) || names.compare(one.name, other.name));
}

const names = new Intl.Collator(globalThis.document?.documentElement.lang || "en");

/** Members stand among the others. @type {(member: Member) => number} */
function rank({ role }) {
  return Math.max(ROLES.indexOf(/** @type {any} */ (role)), ROLES.indexOf("member"));
}

/** @type {(members: Member[]) => Map<string, Member>} */
function byId(members) {
  return new Map(members.map((member) => [member.id, member]));
}
