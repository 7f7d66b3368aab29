/**
 * What comes when the talk stands there: all that is done in the page, and all that is shown around the talk. Its markup
 * is that of later.html, and stands in the page when this is loaded (rest.js).
 */

import { AddressBar } from "./address-bar.js";
import { Alerts } from "./alerts.js";
import { assist } from "./assist.js";
import * as badge from "./badge.js";
import { Beside } from "./beside.js";
import { Connection } from "./connection.js";
import { copyFor } from "./copying.js";
import { fetched } from "./elements/pieces.js";
import { findBy } from "./find.js";
import { Focus } from "./focus.js";
import { takeLetters } from "./letters.js";
import * as memory from "./memory.js";
import { isModerator } from "./moderation.js";
import { keepsake } from "./outbox.js";
import { page } from "./page.js";
import { Person } from "./person.js";
import { read } from "./reader.js";
import { Reading } from "./reading.js";
import { reduce } from "./reducer.js";
import { Shelf } from "./shelf.js";
import { drafterOf } from "./state.js";

/** @import { Arrival } from "./arrival.js" */
/** @import { EarlyClicks } from "./early.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/**
 * What there is from the start: `base` is the address of the chat's first page, `moderation` that of the tools of
 * moderators, and up to `typingUpTo` people see who is writing.
 * @typedef {{
 *   store: Store, socket: Socket, arrival: Arrival, clicks: EarlyClicks,
 *   base: string, moderation: string, typingUpTo: number,
 * }} Scene
 */

/** @type {(scene: Scene) => void} */
export function begin({ store, socket, arrival, clicks, base, moderation, typingUpTo }) {
  const begun = arrival.end();
  const bar = new AddressBar(base, store.state.home);
  store.learn(reduce);
  keep(store);
  bar.join(store);
  read(store);
  const connection = new Connection(store, socket, begun.hasRooms);
  new Beside(store, bar);
  new Reading(store, socket);
  new Person(store, socket, typingUpTo).arrive();
  new Alerts(store);
  badge.follow(store);
  assist(store);
  copyFor(store);
  takeLetters();
  findBy(store, bar);
  new Focus(store, () => page.composer.focus());
  equip(store, moderation);
  const aim = bar.aimAt(store.state.slug, location.hash);
  if (aim) store.dispatch({ type: "aim", ...aim });
  connection.resume(begun);
  clicks.repeat();
  document.body.toggleAttribute("data-whole", true);
  document.querySelector("[data-dead]")?.toggleAttribute("hidden", true);
}

/** What is to outlive the page does. What other tabs have left is taken over. @type {(store: Store) => void} */
function keep(store) {
  const { me } = store.state;
  store.dispatch({
    type: "recalled",
    reported: new Set(memory.recallReported()),
    words: memory.recallWords(drafterOf(me)),
  });
  const shelf = new Shelf();
  store.follow(({ outbox }, before) => outbox !== before.outbox && shelf.keep(keepsake(outbox)));
  store.follow((state, before) => {
    if (state.reported !== before.reported) memory.rememberReported(state.reported);
    if (state.words !== before.words) memory.rememberWords(drafterOf(state.me), state.words);
  });
  shelf.adopt((items) => store.dispatch({ type: "adopted", items, at: Date.now() }));
}

/**
 * Nobody but a moderator loads the tools of one. Where they did not come, they are asked for with the next connection.
 * @type {(store: Store, address: string) => void}
 */
function equip(store, address) {
  let isEquipped = false;
  /** @type {(state: State, before?: State) => void} */
  const look = (state, before) => {
    const isNews = !before || !isModerator(before) || before.connection.phase !== "connected";
    if (isEquipped || !isNews || state.connection.phase !== "connected" || !isModerator(state)) return;
    isEquipped = true;
    Promise.all([import("./moderator.js"), fetched(address)]).then(
      ([{ begin }, tools]) => begin(store, tools),
      () => (isEquipped = false),
    );
  };
  store.follow(look);
  look(store.state);
}
