/** The page: what happens goes through `reduce`, and what comes out is shown. Here all of it is joined. */

import { AddressBar } from "./address-bar.js";
import { address, Connection } from "./connection.js";
import { Focus } from "./focus.js";
import * as memory from "./memory.js";
import { isModerator } from "./moderation.js";
import { keepsake } from "./outbox.js";
import { page } from "./page.js";
import { Person } from "./person.js";
import { Reading } from "./reading.js";
import { Screen } from "./screen.js";
import { Shelf } from "./shelf.js";
import { Socket } from "./socket.js";
import { begin, drafterOf } from "./state.js";
import { Store } from "./store.js";

/** @import { Me, State } from "./state.js" */

const { room = "", home = "", base = "/", user, guests = "speak", ...told } = document.body.dataset;
const { moderation = "", typingUpTo } = told;
/** Who a user of the site is, the server says. @type {Me} */
const me =
  user === undefined
    ? { id: memory.identity().id, name: memory.recallName(), role: "guest", isUser: false, account: "" }
    : { id: "", name: null, role: "guest", isUser: true, account: user };
const [reported, words] = [new Set(memory.recallReported()), memory.recallWords(drafterOf(me))];
const store = new Store({ ...begin(me, room, home), guests, reported, words });
const socket = new Socket(() => address(base));
const shelf = new Shelf();
const bar = new AddressBar(base, home);
let isEquipped = false;

// Before anything else is done about it. What was written is kept: by the shelf, and as a draft.
store.follow(({ isOver }, before) => isOver && !before.isOver && loadAnew());
new Screen(store, bar);
store.follow(({ outbox }, before) => outbox !== before.outbox && shelf.keep(keepsake(outbox)));
store.follow((state, before) => {
  if (state.reported !== before.reported) memory.rememberReported(state.reported);
  if (state.words !== before.words) memory.rememberWords(drafterOf(state.me), state.words);
});
bar.join(store);
new Reading(store, socket);
store.follow(equip);
const person = new Person(store, socket, Number(typingUpTo));
new Connection(store, socket);
new Focus(store, () => page.composer.focus());
shelf.adopt((items) => store.dispatch({ type: "adopted", items, at: Date.now() }));
person.arrive();

// Everything has loaded: see boot.js, which may have lost its patience before.
document.body.toggleAttribute("data-alive", true);
document.querySelector("[data-dead]")?.toggleAttribute("hidden", true);

/**
 * Nobody but a moderator loads the tools of one. Where they did not come, they are asked for with the next connection.
 * @type {(state: State, before: State) => void}
 */
function equip(state, before) {
  const isNews = !isModerator(before) || before.connection.phase !== "connected";
  if (isEquipped || !isNews || state.connection.phase !== "connected" || !isModerator(state)) return;
  isEquipped = true;
  Promise.all([import("./moderator.js"), fetched(moderation)]).then(
    ([{ begin }, tools]) => begin(store, tools),
    () => (isEquipped = false),
  );
}

/** What stands at an address of ours. @type {(address: string) => Promise<string>} */
async function fetched(address) {
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(`It is not there: ${answer.status}.`);
  return answer.text();
}

/** Whoever sits here now sees nothing of the user who was here before. */
function loadAnew() {
  document.body.hidden = true;
  location.reload();
}
