/** The page: what happens goes through `reduce`, and what comes out is shown. Here all of it is joined. */

import { address, Connection } from "./connection.js";
import * as memory from "./memory.js";
import { keepsake } from "./outbox.js";
import { Person } from "./person.js";
import { Screen } from "./screen.js";
import { Shelf } from "./shelf.js";
import { Socket } from "./socket.js";
import { begin } from "./state.js";
import { Store } from "./store.js";

const { room = "", socketPath = "" } = document.body.dataset;
const store = new Store(begin({ id: memory.identity().id, name: memory.recallName() }, room));
const socket = new Socket(() => address(socketPath));
const shelf = new Shelf();

new Screen(store);
store.follow(({ outbox }, before) => outbox !== before.outbox && shelf.keep(keepsake(outbox)));
new Connection(store, socket);
const person = new Person(store, socket);
shelf.adopt((items) => store.dispatch({ type: "adopted", items, at: Date.now() }));
person.arrive();

// Everything has loaded: see boot.js, which may have lost its patience before.
document.body.toggleAttribute("data-alive", true);
document.querySelector("[data-dead]")?.toggleAttribute("hidden", true);
