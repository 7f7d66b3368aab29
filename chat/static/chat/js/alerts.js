/** Of what the person wants to be told: what they say in the dialog, and the button that opens it. */

import { hear } from "./elements/tell.js";
import { page } from "./page.js";
import { drafterOf } from "./state.js";
import { recallWanted, rememberWanted } from "./told.js";

/** @import { Store } from "./store.js" */
/** @import { Wanted } from "./telling.js" */

export class Alerts {
  #store;
  #isComing = false;

  /** From now on they are asked for, and told to whoever wants them. @param {Store} store */
  constructor(store) {
    this.#store = store;
    hear(document, { alerts: () => this.#ask(), wanted: (wanted) => this.#want(wanted) });
    // In another tab they may have said otherwise.
    addEventListener("storage", () => this.#show());
    store.follow(({ me }, before) => me !== before.me && this.#show());
    this.#show();
  }

  get #author() {
    return drafterOf(this.#store.state.me);
  }

  #ask() {
    const offline = () => this.#store.dispatch({ type: "unreachable" });
    page.alerts.need((dialog) => dialog.ask(recallWanted(this.#author)), offline);
  }

  /** @type {(wanted: Wanted) => void} */
  #want(wanted) {
    rememberWanted(this.#author, wanted);
    this.#show();
  }

  #show() {
    const isOn = recallWanted(this.#author).what !== "none";
    page.bell.show(isOn);
    if (!isOn || this.#isComing) return;
    this.#isComing = true;
    import("./teller.js").then(
      ({ Teller }) => new Teller(this.#store),
      () => (this.#isComing = false),
    );
  }
}
