/** The connection: one WebSocket after another, so that whoever listens need not care which. */

import { delay } from "./backoff.js";
import { isFinal, ping, SESSION_ENDED } from "./wire.js";

/** @typedef {ReturnType<typeof setTimeout> | undefined} Timer */

/** A connection that held this long was a good one: the next wait starts from the shortest again. */
const STABLE = 30_000;
/** How long a new connection may take until the server's first frame. */
const PATIENCE = 15_000;
/** After this much silence the server is asked whether it is still there, */
const QUIET = 20_000;
/** and has this long to answer: a line that is cut says nothing, not even goodbye. */
const ANSWER = 10_000;

/**
 * Tells what happens through events: `connecting`, `frame` (detail: its text), `doubtful` (the line may be dead)
 * and `trusted` (it is not), `waiting` (detail: the time of the next try) and `stopped`, after which nothing
 * happens until `open` is called. Times are those of `performance.now`, which nobody can set back.
 */
export class Socket extends EventTarget {
  /** @type {() => string} */
  #address;
  /** @type {new (address: string) => WebSocket} */
  #WebSocket;
  /** @type {() => number} */
  #now;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Timer} */
  #timer;
  /** @type {Timer} */
  #listening;
  #isProbed = false;
  #isDoubted = false;
  #isWaiting = false;
  #notBefore = 0;
  #attempts = 0;
  #pings = 0;
  #connectedAt = Infinity;
  /** @type {{ code?: number, seconds: number } | null} */
  #farewell = null;

  /**
   * `address` is asked for the address of each new connection.
   * @param {() => string} address
   */
  constructor(address, WebSocketClass = globalThis.WebSocket, now = () => performance.now()) {
    super();
    this.#now = now;
    this.#address = address;
    this.#WebSocket = WebSocketClass;
  }

  /** Connect now; a connection that is open is closed and replaced. */
  open() {
    this.#forget()?.close(1000);
    this.#tell("connecting");
    const socket = new this.#WebSocket(this.#address());
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(1006), PATIENCE);
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  /** Something has changed for the better: connect at once, or see whether the connection still lives. */
  hurry() {
    if (this.#isWaiting && this.#now() >= this.#notBefore) this.open();
    else if (this.#connectedAt !== Infinity) this.#probe();
  }

  /** The network is said to be gone: the server's next word decides whether the connection is, too. */
  doubt() {
    if (this.#connectedAt === Infinity) return;
    this.#isDoubted = true;
    this.#tell("doubtful");
    this.#probe();
  }

  /**
   * Send a frame. False where there is no open connection to send it on.
   * @type {(text: string) => boolean}
   */
  send(text) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(text);
    return true;
  }

  /**
   * The server has said how it will close: its code counts, and so do the seconds it asks for.
   * @type {(closing: { code?: number, retry_after?: number | null }) => void}
   */
  heed({ code, retry_after }) {
    this.#farewell = { code, seconds: retry_after ?? 0 };
  }

  /** Connect no more, until `open` is called. */
  close() {
    this.#forget()?.close(1000);
  }

  /** This connection is of no use: on to the next one, in a while. */
  drop() {
    if (this.#socket) this.#lost(1000);
  }

  /** @type {(text: unknown) => void} */
  #hear(text) {
    if (this.#connectedAt === Infinity) {
      clearTimeout(this.#timer);
      this.#connectedAt = this.#now();
    }
    clearTimeout(this.#listening);
    this.#isProbed = false;
    this.#listening = setTimeout(() => this.#probe(), QUIET);
    if (this.#isDoubted) this.#tell("trusted");
    this.#isDoubted = false;
    this.#tell("frame", text);
  }

  #probe() {
    this.send(ping(++this.#pings));
    // Whoever asks again and again gives no more time to answer.
    if (this.#isProbed) return;
    this.#isProbed = true;
    clearTimeout(this.#listening);
    this.#listening = setTimeout(() => this.#lost(1006), ANSWER);
  }

  /** @type {(closedWith: number) => void} */
  #lost(closedWith) {
    if (this.#now() - this.#connectedAt >= STABLE) this.#attempts = 0;
    const { code = closedWith, seconds = 0 } = this.#farewell ?? {};
    this.#forget()?.close();
    if (isFinal(code)) return this.#tell("stopped");
    const attempt = this.#attempts++;
    // Nothing is wrong: one only comes in as somebody else. Who is sent away again and again takes their time.
    if (code === SESSION_ENDED && attempt === 0) return this.open();

    const wait = seconds * 1000 + delay(attempt);
    this.#isWaiting = true;
    this.#notBefore = this.#now() + seconds * 1000;
    this.#timer = setTimeout(() => this.open(), wait);
    this.#tell("waiting", this.#now() + wait);
  }

  /** Whatever was open or planned is no longer ours to hear of. Returns the connection there was. */
  #forget() {
    clearTimeout(this.#timer);
    clearTimeout(this.#listening);
    const socket = this.#socket;
    if (socket) socket.onmessage = socket.onclose = null;
    this.#socket = this.#farewell = null;
    this.#isWaiting = this.#isProbed = this.#isDoubted = false;
    this.#connectedAt = Infinity;
    return socket;
  }

  /** @type {(type: string, detail?: unknown) => void} */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
