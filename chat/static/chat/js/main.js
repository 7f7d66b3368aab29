/**
 * The page: what happens goes through `reduce`, and what comes out is shown. Here that is joined with which the talk can be
 * read; the rest comes when it is (rest.js, later.js).
 */

import { AddressBar } from "./address-bar.js";
import { address, Connection } from "./connection.js";
import * as memory from "./memory.js";
import { keepsake } from "./outbox.js";
import { Reader } from "./reader.js";
import { Rest } from "./rest.js";
import { Screen } from "./screen.js";
import { Shelf } from "./shelf.js";
import { Socket } from "./socket.js";
import { begin, drafterOf } from "./state.js";
import { Store } from "./store.js";

/** @import { Me } from "./state.js" */

const { room = "", home = "", base = "/", user, guests = "speak", ...told } = document.body.dataset;
const { later = "", moderation = "", typingUpTo } = told;
/** Who a user of the site is, the server says. @type {Me} */
const me =
  user === undefined
    ? { id: memory.identity().id, name: memory.recallName(), role: "guest", isUser: false, account: "" }
    : { id: "", name: null, role: "guest", isUser: true, account: user };
const [reported, words] = [new Set(memory.recallReported()), memory.recallWords(drafterOf(me))];
const bar = new AddressBar(base, home);
const store = new Store({ ...begin(me, room, home), aim: bar.aimAt(room, location.hash), guests, reported, words });
const socket = new Socket(() => address(base));
const shelf = new Shelf();

// Before anything else is done about it. What was written is kept: by the shelf, and as a draft.
store.follow(({ isOver }, before) => isOver && !before.isOver && loadAnew());
new Screen(store);
store.follow(({ outbox }, before) => outbox !== before.outbox && shelf.keep(keepsake(outbox)));
store.follow((state, before) => {
  if (state.reported !== before.reported) memory.rememberReported(state.reported);
  if (state.words !== before.words) memory.rememberWords(drafterOf(state.me), state.words);
});
bar.join(store);
const reader = new Reader(store, socket);
new Connection(store, socket);
shelf.adopt((items) => store.dispatch({ type: "adopted", items, at: Date.now() }));
reader.arrive();
new Rest({ store, socket, bar, moderation, typingUpTo: Number(typingUpTo) }, later);

// What is needed to read has loaded: see boot.js, which may have lost its patience before.
document.body.toggleAttribute("data-alive", true);
document.querySelector("[data-dead]")?.toggleAttribute("hidden", true);

/** Whoever sits here now sees nothing of the user who was here before. */
function loadAnew() {
  document.body.hidden = true;
  location.reload();
}
