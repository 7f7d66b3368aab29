/**
 * What only moderators need: their part of the page, what they do, and what comes of it. Nobody else loads this, or what
 * it imports; so the page asks for it once the server has said that somebody is one (later.js).
 */

import { ActDialog, DIALOG } from "./elements/act-dialog.js";
import { ActNote } from "./elements/act-note.js";
import { ModerationPanel } from "./elements/moderation-panel.js";
import { part } from "./elements/part.js";
import { insert } from "./elements/pieces.js";
import { RUN_DIALOG, RunDialog } from "./elements/run-dialog.js";
import { hear } from "./elements/tell.js";
import { copy } from "./elements/template.js";
import { shown } from "./message-window.js";
import { ABOVE, isAwaited, isModerator, refOf } from "./moderation.js";
import { rightsIn, undoing } from "./tools.js";
import { page } from "./page.js";
import { randomHex } from "./random.js";
import { current, titleOf } from "./state.js";

/** @import { Kind } from "./elements/act-dialog.js" */
/** @import { Place } from "./moderation.js" */
/** @import { Tool } from "./tools.js" */
/** @import { Deed, Member, QueueItem } from "./protocol.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** Have the tools of moderators in the page, which consist of this. @type {(store: Store, tools: string) => Moderator} */
export function begin(store, tools) {
  insert(tools);
  page.actions.append(copy("message-tools-template", HTMLElement));
  page.person.append(copy("person-tools-template", HTMLElement));
  return new Moderator(store);
}

class Moderator {
  #store;
  #dialog = part(document, "act-dialog", ActDialog);
  #note = part(document, "act-note", ActNote);
  #panel = part(document, "moderation-panel", ModerationPanel);
  #run = part(document, "run-dialog", RunDialog);
  /** The dialogs that wait for an answer. @type {Set<Place>} */
  #awaiting = new Set();
  /** Whether the queue has been asked for on this connection: then we are told whenever it changes. */
  #hasQueue = false;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #painting = null;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    hear(document, {
      tool: ({ tool, message, member }) => this.#use(tool, message, member),
      acts: ({ place, name, deeds }) => this.#act(place, name, deeds),
      undo: ({ name, undo }) => undo && this.#act(ABOVE, name, [undo]),
      again: ({ place, name, deed }) => this.#act(place, name, [deed]),
      acted: (place) => this.#dismiss(place),
      queue: ({ isAnew }) => store.dispatch({ type: "queue", isAnew }),
      author: (item) => this.#openFor(item),
      find: ({ room: slug, id }) => store.dispatch({ type: "aim", slug, id }),
      run: (what) => this.#run.open(what, this.#room()),
    });
    store.followLast((state, before) => this.#follow(state, before));
    this.#follow(store.state, store.state);
  }

  /**
   * Followed last of all, and by then something else may have changed: so it is the store that says what is now.
   * @type {(state: State, before: State) => void}
   */
  #follow(state, before) {
    if (!this.#painting) this.#painting = setTimeout(() => this.#paint(), 16);
    const { connection } = state;
    const isOn = connection.phase === "connected" || connection.phase === "doubtful";
    if (!isOn || !isModerator(state)) this.#hasQueue = false;
    const isNews = this.#panel.isShown && state.desk.count !== before.desk.count;
    if (connection.phase === "connected" && isModerator(state) && (isNews || !this.#hasQueue)) {
      this.#hasQueue = true;
      this.#store.dispatch({ type: "queue", isAnew: true });
    }
  }

  #paint() {
    this.#painting = null;
    const { state } = this.#store;
    const { desk } = state;
    const { slug, mode, slow, may } = current(state);
    this.#panel.show({
      isModerator: isModerator(state),
      room: may.includes("run") ? { slug, title: titleOf(state, slug), mode, slow } : null,
      items: desk.items.map((item) => ({ ...item, title: titleOf(state, item.room) || item.title })),
      count: desk.count,
      hasMore: desk.next !== null,
      acts: desk.acts,
    });
    this.#note.show(desk.told && (desk.told.error === undefined || desk.told.place === ABOVE) ? desk.told : null);
    this.#answer(DIALOG, this.#dialog);
    this.#answer(RUN_DIALOG, this.#run);
  }

  /** What a dialog has asked for is done, or not. @type {(place: Place, dialog: ActDialog | RunDialog) => void} */
  #answer(place, dialog) {
    const acts = this.#store.state.desk.acts.filter((act) => act.place === place);
    const error = acts.find((act) => act.error !== undefined)?.error;
    const isAwaited = acts.some((act) => act.error === undefined);
    const wasAwaited = this.#awaiting.delete(place);
    if (isAwaited) this.#awaiting.add(place);
    if (acts.length === 0 && wasAwaited) dialog.close();
    else if (dialog.isOpen) dialog.show(error, isAwaited);
  }

  /** @type {(tool: Tool, id?: number, member?: Member) => void} */
  #use(tool, id, member) {
    const { state } = this.#store;
    const message = shown(state, id ?? null);
    const room = state.slug;
    switch (tool) {
      case "restore":
        return this.#act(ABOVE, "", [{ type: "restore", id: Number(id) }]);
      case "pin":
        return this.#act(ABOVE, "", [{ type: "pin", room, id: Number(id) }]);
      case "unpin":
        return this.#act(ABOVE, "", [{ type: "pin", room, id: null }]);
    }
    if (message) {
      const said = { id: message.id, text: message.message ?? "" };
      this.#open(tool, { id: message.sender_id, name: message.sender, room, message: said });
    } else if (member) this.#open(tool, { id: member.id, name: member.name, room });
  }

  /** @type {(item: QueueItem) => void} */
  #openFor({ kind, id, sender_id, sender, room, message: text }) {
    const message = kind === "report" ? { id, text } : undefined;
    this.#open("mute", { id: sender_id, name: sender, room, message });
  }

  /**
   * @type {(
   *   kind: Kind, subject: { id: string, name: string, room: string, message?: { id: number, text: string } }
   * ) => void}
   */
  #open(kind, subject) {
    this.#dialog.open({ ...subject, rights: rightsIn(this.#store.state, subject.room) }, kind);
  }

  /** @type {(place: Place, name: string, deeds: Deed[]) => void} */
  #act(place, name, deeds) {
    const { state } = this.#store;
    const wanted = deeds.filter((deed) => !isAwaited(state.desk, place, deed));
    if (wanted.length === 0) return;
    const acts = wanted.map((deed) => {
      const ref = refOf(state.desk, place, deed) ?? randomHex(8);
      return { ref, deed, place, name, undo: undoing(state, deed) };
    });
    this.#store.dispatch({ type: "act", acts });
    if (place === DIALOG || place === RUN_DIALOG) this.#awaiting.add(place);
  }

  /** @type {(place: Place) => void} */
  #dismiss(place) {
    this.#awaiting.delete(place);
    this.#store.dispatch({ type: "acted", place });
  }

  #room() {
    const { slug: room, topic, mode } = current(this.#store.state);
    return { room, topic, mode };
  }
}
