/**
 * The page: what happens goes through a pure function, and what comes out is shown. Here that is joined with which the talk
 * can be read (opening.js); the rest comes when it is (rest.js, later.js).
 */

import { address, Arrival } from "./arrival.js";
import { EarlyClicks } from "./early.js";
import * as memory from "./identity.js";
import { reduce } from "./opening.js";
import { Rest } from "./rest.js";
import { Screen } from "./screen.js";
import { Socket } from "./socket.js";
import { begin } from "./state.js";
import { Store } from "./store.js";

/** @import { Me } from "./state.js" */

const { room = "", home = "", base = "/", user, guests = "speak", ...told } = document.body.dataset;
const { later = "", moderation = "", typingUpTo } = told;
/** Who a user of the site is, the server says. @type {Me} */
const me =
  user === undefined
    ? { id: memory.identity().id, name: memory.recallName(), role: "guest", isUser: false, account: "" }
    : { id: "", name: null, role: "guest", isUser: true, account: user };
const store = new Store({ ...begin(me, room, home), guests }, reduce);
const socket = new Socket(() => address(base));
const clicks = new EarlyClicks();

// Before anything else is done about it. What was written is kept: by the shelf, and as a draft.
store.follow(({ isOver }, before) => isOver && !before.isOver && loadAnew());
new Screen(store);
const arrival = new Arrival(store, socket);
// Everybody goes straight in, with or without a name, where they may (person.js).
if (me.isUser || guests !== "none") socket.open();
new Rest({ store, socket, arrival, clicks, base, moderation, typingUpTo: Number(typingUpTo) }, later);

// What is needed to read has loaded: see boot.js, which may have lost its patience before.
document.body.toggleAttribute("data-alive", true);
document.querySelector("[data-dead]")?.toggleAttribute("hidden", true);

/** Whoever sits here now sees nothing of the user who was here before. */
function loadAnew() {
  document.body.hidden = true;
  location.reload();
}
