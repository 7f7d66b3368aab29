/**
 * `<people-list>`: who is in the room. Tells of `people` (somebody has opened the list, or wants more of it) and
 * `person` (detail: `{ member, from }`, whose actions are wanted).
 */

import { hue } from "../hue.js";
import { NOBODY, sorted } from "../roster.js";
import { initial } from "../text.js";
import { around, part } from "./part.js";
import { showCount } from "./plural.js";
import { RoleBadge } from "./role-badge.js";
import { SidePanel } from "./side-panel.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Member } from "../protocol.js" */
/** @import { Typist } from "../room.js" */
/** @import { Roster } from "../roster.js" */

/**
 * There may be something to ask of guests, and of the users of the site; and whoever may speak may mention each. `self`
 * is who looks, if they are there.
 * @typedef {{
 *   roster: Roster, typists: Typist[], self?: Member, online: number | null, offersToGuests: boolean,
 *   offersToUsers: boolean, maySpeak: boolean,
 * }} PeopleView
 */

/** Whoever has scrolled this near the end, in pixels, wants more. */
const NEAR = 200;
/** Whoever looks at the top of a list that is old has it anew, no more often than this, in milliseconds. */
const PAUSE = 5000;

export class PeopleList extends SidePanel {
  /** @type {PeopleView} */
  #view = { roster: NOBODY, typists: [], online: null, offersToGuests: false, offersToUsers: false, maySpeak: false };
  #isResting = false;
  /** By the ids of their people. @type {Map<string, HTMLElement>} */
  #items = new Map();

  begin() {
    super.begin();
    this.addEventListener("click", (event) => this.#click(event));
    this.#part("scroller").addEventListener("scroll", () => this.#look(), { passive: true });
  }

  /** @type {(view: PeopleView) => void} */
  show(view) {
    if (isSame(view, this.#view)) return;
    this.#view = view;
    if (this.isShown) this.#paint();
  }

  opened() {
    this.#askAnew();
    this.#paint();
  }

  #paint() {
    const { roster, typists, self, online, offersToGuests, offersToUsers, maySpeak } = this.#view;
    const list = this.#part("people");
    const people = sorted(roster, self);
    const ids = new Set(people.map(({ id }) => id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    /** @type {Element | null} */
    let last = null;
    for (const member of people) {
      const item = this.#items.get(member.id) ?? copy("person-template", HTMLElement);
      this.#items.set(member.id, item);
      /** @type {Element | null} */
      const next = last ? last.nextElementSibling : list.firstElementChild;
      if (item !== next) list.insertBefore(item, next);
      last = item;
      const isMe = member.id === self?.id;
      const hasOffers = maySpeak || (member.role === "guest" ? offersToGuests : offersToUsers);
      showPerson(item, member, isMe, hasOffers && !isMe);
      part(item, "[data-typing]", HTMLElement).hidden = !typists.some(({ id }) => id === member.id);
    }
    this.#part("count").hidden = online === null;
    if (online !== null) showCount(this.#part("count"), online);
    this.#part("more").hidden = !roster.hasMore && !roster.isOld;
    this.#refresh();
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#part("scroller");
    this.#refresh();
    if (this.#view.roster.hasMore && scrollHeight - scrollTop - clientHeight < NEAR) this.#ask();
  }

  /** In a crowd nobody says who comes and goes. */
  #refresh() {
    const isSeen = this.isShown && !document.hidden && this.#part("scroller").scrollTop === 0;
    if (isSeen && this.#view.roster.isOld && !this.#isResting) this.#askAnew();
  }

  #askAnew() {
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      this.#refresh();
    }, PAUSE);
    tell(this, "people", { isOpened: true });
  }

  #ask() {
    tell(this, "people", { isOpened: false });
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    // What comes of that is seen in the talk.
    if (around(event, "[data-offer], [data-mention]")) return this.yield();
    if (around(event, "[data-more]")) return this.#ask();
    const button = around(event, "[data-person]");
    const member = this.#view.roster.members.get(button?.dataset.person ?? "");
    if (button && member) tell(this, "person", { member, from: button });
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

/** @type {(view: PeopleView, before: PeopleView) => boolean} */
function isSame(view, before) {
  const keys = /** @type {(keyof PeopleView)[]} */ (Object.keys(view));
  return keys.every((key) => view[key] === before[key]);
}

/** @type {(item: HTMLElement, member: Member, isMe: boolean, hasOffers: boolean) => void} */
function showPerson(item, { id, name, role }, isMe, hasOffers) {
  const face = part(item, "[data-face]", HTMLElement);
  face.style.setProperty("--hue", String(hue(id)));
  face.textContent = initial(name);
  const words = part(item, "[data-name]", HTMLElement);
  words.textContent = words.title = name;
  part(item, "role-badge", RoleBadge).show(role);
  part(item, "[data-me]", HTMLElement).hidden = !isMe;
  const more = part(item, "[data-person]", HTMLElement);
  more.dataset.person = id;
  more.ariaLabel = `${more.title}: ${name}`;
  more.hidden = !hasOffers;
}

customElements.define("people-list", PeopleList);
