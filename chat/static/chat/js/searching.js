/** The search: what the person asks for in its panel, and what is shown there of what was found. */

import { part } from "./elements/part.js";
import { SearchPanel } from "./elements/search-panel.js";
import { hear } from "./elements/tell.js";
import { titleOf } from "./state.js";

/** @import { AddressBar } from "./address-bar.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @type {(store: Store, bar: AddressBar) => SearchPanel} */
export function begin(store, bar) {
  const panel = part(document, "search-panel", SearchPanel);
  hear(panel, {
    search: ({ q, isHere }) => store.dispatch({ type: "search", q, room: isHere ? store.state.slug : null }),
    "search-on": () => store.dispatch({ type: "search_on" }),
    aim: ({ slug, id }) => {
      bar.show(slug, id);
      store.dispatch({ type: "aim", slug, id });
    },
    jump: (at) => store.dispatch({ type: "jump", at }),
  });
  /** @type {(state: State, before?: State) => void} */
  const show = (state, before) => {
    const { search, slug, list } = state;
    if (before && search === before.search && slug === before.slug && list === before.list) return;
    panel.show({
      search,
      hasRooms: (list?.rooms.size ?? 0) > 1,
      titleOf: (room) => titleOf(state, room) || room,
      hrefOf: (room, id) => bar.ofMessage(room, id),
    });
  };
  store.follow(show);
  show(store.state);
  return panel;
}
