/**
 * What comes when the talk stands there: all that is done in the page, and all that is shown around the talk. Its markup
 * is that of later.html, and stands in the page when this is loaded (rest.js).
 */

import { Alerts } from "./alerts.js";
import * as badge from "./badge.js";
import { assist } from "./assist.js";
import { Beside } from "./beside.js";
import { copyFor } from "./copying.js";
import { fetched } from "./elements/pieces.js";
import { findBy } from "./find.js";
import { Focus } from "./focus.js";
import { takeLetters } from "./letters.js";
import { isModerator } from "./moderation.js";
import { page } from "./page.js";
import { Person } from "./person.js";
import { Reading } from "./reading.js";

/** @import { AddressBar } from "./address-bar.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/**
 * What there is from the start: `moderation` is where the tools of moderators are, and up to `typingUpTo` people see who
 * is writing.
 * @typedef {{ store: Store, socket: Socket, bar: AddressBar, moderation: string, typingUpTo: number }} Scene
 */

/** @type {(scene: Scene) => void} */
export function begin({ store, socket, bar, moderation, typingUpTo }) {
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
  document.body.toggleAttribute("data-whole", true);
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
