/** What the person does, and what comes of it. */

import { Drafts } from "./drafts.js";
import { refuseDrops } from "./drops.js";
import { around, part } from "./elements/part.js";
import { hear } from "./elements/tell.js";
import * as memory from "./memory.js";
import { shown } from "./message-window.js";
import { toolsOf, toolsOn } from "./tools.js";
import { Naming } from "./naming.js";
import { offers } from "./offers.js";
import { page } from "./page.js";
import { SIGN_IN_REQUIRED, typing } from "./protocol.js";
import { randomHex } from "./random.js";
import { current, isReader, silence } from "./state.js";

/** @import { Change } from "./outbox.js" */
/** @import { Member } from "./protocol.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State, Wish } from "./state.js" */
/** @import { Store } from "./store.js" */

/** Who writes says so this often, in milliseconds. */
const TYPING = 3000;

export class Person {
  #store;
  #socket;
  #naming;
  #slug;
  #drafts;
  /** Up to how many people see who is writing; 0 for any number. */
  #typingUpTo;
  /** When it may be said next that we write, in `performance.now`. */
  #typingAfter = 0;

  /**
   * Whoever sits before the page; from now on what they do counts.
   * @param {Store} store
   * @param {Socket} socket
   * @param {number} typingUpTo
   */
  constructor(store, socket, typingUpTo) {
    this.#store = store;
    this.#socket = socket;
    this.#naming = new Naming(store, () => this.#enter());
    this.#slug = store.state.slug;
    this.#drafts = new Drafts(store);
    this.#typingUpTo = typingUpTo;
    store.follow((state, before) => this.#follow(state, before));
    hear(document, {
      name: (name) => this.#naming.give(name),
      rename: () => this.#naming.ask(),
      cancel: (what) => (what === "renaming" ? this.#naming.cancel() : store.dispatch({ type: "cancel", what })),
      connect: () => (current(store.state).needsName ? this.#naming.ask() : this.#enter()),
      noted: () => store.dispatch({ type: "noted" }),
      open: (slug) => store.dispatch({ type: "open", slug }),
      "new-room": () => page.newRoom.ask(),
      wish: (wish) => store.dispatch({ type: "wish", wish }),
      people: ({ isOpened }) => store.dispatch({ type: "people", isOpened }),
      person: ({ member, from }) => this.#meet(member, from),
      write: () => page.composer.focus(),
      typing: () => this.#write(),
      post: (text) => this.#post(text),
      edit: (id) => store.dispatch({ type: "compose", composing: { kind: "edit", id } }),
      "edit-last": () => store.dispatch({ type: "edit_last" }),
      reply: (id) => store.dispatch({ type: "compose", composing: { kind: "reply", id } }),
      dismiss: () => this.#dismiss(),
      actions: ({ id, from }) => this.#offer(id, from),
      react: ({ id, emoji, on }) => this.#naming.first(() => this.#change({ type: "react", id, emoji, on })),
      pick: ({ id, from }) => this.#naming.first(() => this.#pick(id, from)),
      erase: (id) => page.deletion.ask(id),
      "erase-surely": (id) => this.#change({ type: "delete", id }),
      report: (id) => this.#naming.first(() => this.#askAbout(id)),
      "report-surely": (report) => this.#report(report),
      revise: (ref) => this.#revise(ref),
      "word-read": (key) => store.dispatch({ type: "word_read", key }),
      retry: (ref) => this.#naming.first(() => store.dispatch({ type: "retry", ref })),
      discard: (ref) => store.dispatch({ type: "discard", ref }),
      "retry-all": () => this.#naming.first(() => store.dispatch({ type: "retry_all" })),
      "discard-all": () => store.dispatch({ type: "discard_all" }),
    });
    document.addEventListener("visibilitychange", () => this.#look());
    document.addEventListener("click", (event) => this.#leave(event));
    document.addEventListener("submit", stayHere);
    refuseDrops(document);
  }

  /** The page is open: go in, with the draft of last time, if they are not in yet (reader.js). */
  arrive() {
    const typed = part(page.composer, "textarea", HTMLTextAreaElement).value;
    this.#drafts.recall();
    if (typed) page.composer.revise(typed);
    this.#look();
    if (this.#store.state.connection.phase === "outside") this.#enter();
    // Who has begun to read stays where they are.
    else if (document.activeElement === document.body) page.composer.focus();
    if (current(this.#store.state).needsName) this.#naming.ask();
  }

  /** Whoever may come in does: under their name, or as a reader. */
  #enter() {
    const { me, guests } = this.#store.state;
    if (!me.isUser && guests === "none") {
      return this.#store.dispatch({ type: "stopped", code: SIGN_IN_REQUIRED.error });
    }
    this.#socket.open();
    page.composer.focus();
  }

  /** What is to be done about what has changed. @type {(state: State, before: State) => void} */
  #follow(state, before) {
    if (state.slug !== this.#slug) this.#move(state);
    if (current(state).needsName && !current(before).needsName) this.#naming.ask();
    if (isCalledAsWished(state, before)) memory.rememberName(state.me.name ?? "");
    if (before.renaming && !state.renaming && state.me !== before.me) {
      page.dialog.close();
      page.composer.focus();
    } else if (state.renaming !== before.renaming) {
      page.dialog.refuse(state.renaming?.error ?? null, state.renaming?.wait);
    }
    if (state.wish === before.wish) return;
    this.#showReport(state.wish);
    if (state.wish?.kind === "create") page.newRoom.refuse(state.wish.error ?? null);
    else page.newRoom.close();
    // Where the dialog was, its button has the focus back.
    if (before.wish?.kind === "create" && state.slug !== before.slug) page.composer.focus();
  }

  /** @type {(wish: Wish | null) => void} */
  #showReport(wish) {
    const report = wish?.kind === "deed" && wish.deed.type === "report" ? wish : null;
    if (report) page.report.need((dialog) => dialog.show(report));
  }

  /** Another room is shown. @type {(state: State) => void} */
  #move(state) {
    this.#slug = state.slug;
    this.#typingAfter = 0;
    page.log.toLatest();
    page.composer.silence(silence(state), current(state).muted);
    // Who goes through what was found goes on there.
    if (!document.activeElement?.closest("search-panel")) page.composer.focus();
  }

  /** Say that we write, where somebody would see it. */
  #write() {
    const { state } = this.#store;
    const { isIn, online } = current(state);
    const now = performance.now();
    const isSmall = this.#typingUpTo === 0 || Number(online) <= this.#typingUpTo;
    const isSeen = isIn && Number(online) > 1 && isSmall && !isReader(state);
    if (!isSeen || now < this.#typingAfter || state.composing?.kind === "edit" || silence(state)) return;
    if (this.#socket.send(typing(state.slug))) this.#typingAfter = now + TYPING;
  }

  /** Until there is a name the words stay in the box. @type {(text: string) => void} */
  #post(text) {
    if (!isReader(this.#store.state)) return this.#say(text);
    page.composer.revise(text);
    this.#naming.first(() => {
      page.composer.restore("");
      this.#say(text);
    });
  }

  /** @type {(text: string) => void} */
  #say(text) {
    const { state } = this.#store;
    const edited = state.composing?.kind === "edit" ? state.composing.id : null;
    if (edited !== null && shown(state, edited)?.message === text) return this.#dismiss();
    this.#store.dispatch({ type: "post", ...stamp(), message: text, timestamp: new Date().toISOString() });
    if (edited === null) page.log.toLatest();
    this.#typingAfter = 0;
  }

  #dismiss() {
    this.#store.dispatch({ type: "compose", composing: null });
  }

  /** @type {(id: number, from: HTMLElement) => void} */
  #offer(id, from) {
    const { state } = this.#store;
    const message = shown(state, id);
    const isReported = state.reported.has(id);
    if (message) page.actions.open(message, state.me.id, { tools: toolsOf(state, message), isReported }, from);
  }

  /**
   * An emoji that is on the message already is taken off, as where it stands.
   * @type {(id: number, from: HTMLElement) => void}
   */
  #pick(id, from) {
    const choose = (/** @type {string} */ emoji) => {
      const { state } = this.#store;
      const on = !shown(state, id)?.reactions?.get(emoji)?.includes(state.me.id);
      this.#change({ type: "react", id, emoji, on });
    };
    page.picker.need((picker) => picker.open(from, choose), () => this.#store.dispatch({ type: "unreachable" }));
  }

  /** @type {(member: Member, from: HTMLElement) => void} */
  #meet(member, from) {
    const { state } = this.#store;
    // Who is here is not banned here.
    const tools = toolsOn(state, member.id).filter((tool) => tool !== "unban");
    page.person.open(member, { offers: offers(state)(member), tools, maySpeak: silence(state) === null }, from);
  }

  /** What is wrong with a message? @type {(id: number) => void} */
  #askAbout(id) {
    const message = shown(this.#store.state, id);
    const offline = () => this.#store.dispatch({ type: "unreachable" });
    if (message) page.report.need((dialog) => dialog.ask(message), offline);
  }

  /** Asked again, it is the same report. @type {(report: { id: number, reason: string }) => void} */
  #report({ id, reason }) {
    const { wish } = this.#store.state;
    const isAgain = wish?.kind === "deed" && wish.deed.type === "report" && wish.deed.reason === reason;
    const ref = isAgain ? wish.ref : stamp().ref;
    this.#store.dispatch({ type: "wish", wish: { kind: "deed", ref, deed: { type: "report", id, reason } } });
  }

  /** What was not let through is to be put otherwise. @type {(ref: string) => void} */
  #revise(ref) {
    const { outbox } = this.#store.state;
    const text = outbox.find((item) => item.ref === ref)?.message ?? "";
    this.#store.dispatch({ type: "revise", ref });
    page.composer.revise(text);
  }

  /** @type {(wanted: Pick<Change, "type" | "id" | "emoji" | "on">) => void} */
  #change(wanted) {
    this.#store.dispatch({ type: "change", change: { ...stamp(), room: this.#slug, ...wanted } });
  }

  /**
   * Who goes to sign in comes back to where they are now, and so does who signs out, where guests may be there.
   * @type {(event: MouseEvent) => void}
   */
  #leave(event) {
    const isClosed = current(this.#store.state).mode === "members";
    const link = around(event, isClosed ? "a[data-sign-in]" : "a[data-sign-in], a[data-sign-out]");
    if (!(link instanceof HTMLAnchorElement)) return;
    const address = new URL(link.href);
    address.searchParams.set("next", location.pathname);
    link.href = address.href;
  }

  #look() {
    this.#store.dispatch({ type: "visibility", isHidden: document.hidden });
    if (!document.hidden) this.#socket.hurry();
  }
}

/**
 * Whether a guest is called otherwise while they are here, because they wanted it: maybe in another tab, or in a
 * dialog that was closed meanwhile.
 * @type {(state: State, before: State) => boolean}
 */
function isCalledAsWished({ me, note, connection }, before) {
  const isHere = [connection, before.connection].every(({ phase }) => phase === "connected");
  return isHere && !me.isUser && me.id === before.me.id && me.name !== before.me.name && note?.name !== me.name;
}

function stamp() {
  return { ref: randomHex(8), at: Date.now() };
}

/** In another language the same room is shown. @type {(event: SubmitEvent) => void} */
function stayHere({ target }) {
  const next = target instanceof HTMLFormElement && target.querySelector("[data-next]");
  if (next instanceof HTMLInputElement) next.value = location.pathname + location.search;
}
