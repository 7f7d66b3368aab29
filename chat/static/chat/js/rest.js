/** The rest of the page, which comes when the talk stands there to be read: until then the line is free for that. */

import { delay } from "./backoff.js";
import { fetched, insert } from "./elements/pieces.js";
import { current } from "./state.js";

/** @import { Scene } from "./later.js" */
/** @import { State } from "./state.js" */

/** Whoever has waited this long for the talk, in milliseconds, has the rest before it. */
const PATIENCE = 5000;
/** How long the talk has, in milliseconds, to be painted. */
const MOMENT = 50;

export class Rest {
  #scene;
  #address;
  /** Whether it stands in the page. */
  #isHere = false;
  /** Whether it has come, or is on its way. */
  #isComing = false;
  /** How often it did not come. */
  #failures = 0;

  /**
   * Have it come in time, from this address. Where it does not, it is asked for anew, with the next connection at the latest.
   * @param {Scene} scene
   * @param {string} address
   */
  constructor(scene, address) {
    this.#scene = scene;
    this.#address = address;
    scene.store.follow((state, before) => {
      if (isAwaited(state) && !isSame(state, before)) setTimeout(() => this.#bring(), MOMENT);
    });
    scene.arrival.whenStuck(() => this.#bring());
    if (isAwaited(scene.store.state)) this.#bring();
    setTimeout(() => this.#bring(), PATIENCE);
  }

  async #bring() {
    if (this.#isComing) return;
    this.#isComing = true;
    const later = await this.#come().catch(() => null);
    this.#isComing = later !== null;
    if (later) later.begin(this.#scene);
    else setTimeout(() => this.#bring(), delay(this.#failures++));
  }

  async #come() {
    if (!this.#isHere) await insert(await fetched(this.#address));
    this.#isHere = true;
    return import("./later.js");
  }
}

/** Whether the talk is there, or nothing of it comes before somebody does something. @type {(state: State) => boolean} */
function isAwaited(state) {
  const { phase } = state.connection;
  const { isCaughtUp, needsName } = current(state);
  return isCaughtUp || needsName || (phase !== "connecting" && phase !== "connected");
}

/** @type {(state: State, before: State) => boolean} */
function isSame(state, before) {
  return isAwaited(before) && state.connection.phase === before.connection.phase;
}
