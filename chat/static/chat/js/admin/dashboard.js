/** The start page of the chat in the admin: every quarter of a minute it is what the server shows now. */

import { ask, exchange, Rounds } from "./refresh.js";

/** In seconds. */
const EVERY = 15;

async function refresh() {
  const page = await ask(location.href);
  // Whoever is signed out is asked to sign in.
  if (!page.querySelector("[data-fresh]")) return location.reload();
  for (const part of document.querySelectorAll("[data-fresh]")) exchange(part, page);
}

new Rounds(refresh, () => EVERY);
