/** The connection: one WebSocket after another, so that whoever listens need not care which. */

import { delay } from "./backoff.js";
import { isFinal } from "./protocol.js";

/** A connection that held this long was a good one: the next wait starts from the shortest again. */
const STABLE = 30_000;
/** How long a new connection may take until the server's first frame. */
const PATIENCE = 15_000;
/** How long to wait for the goodbye of a connection that is replaced. */
const FAREWELL = 1000;

/**
 * Tells what happens through events: `connecting`, `frame` (detail: its text), `waiting` (detail: the time of
 * the next try) and `stopped`, after which nothing happens until `open` is called.
 */
export class Socket extends EventTarget {
  #address;
  #WebSocket;
  #socket = null;
  #timer = null;
  #isWaiting = false;
  #attempts = 0;
  #connectedAt = Infinity;

  constructor(address, WebSocketClass = globalThis.WebSocket) {
    super();
    this.#address = address;
    this.#WebSocket = WebSocketClass;
  }

  /** Connect now; a connection that is open is closed and replaced. */
  open() {
    const former = this.#forget();
    this.#tell("connecting");
    if (!former) return this.#connect();
    // Until the server has let go of the former connection, our id counts as somebody else's.
    const next = () => this.#timer === timer && this.#connect();
    const timer = setTimeout(next, FAREWELL);
    this.#timer = timer;
    former.onclose = next;
    former.close(1000);
  }

  /** Connect now if the next try is only being waited for. */
  hurry() {
    if (this.#isWaiting) this.open();
  }

  /** Send a frame. False where there is no open connection to send it on. */
  send(text) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(text);
    return true;
  }

  #connect() {
    this.#forget();
    const socket = new this.#WebSocket(this.#address);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(1006), PATIENCE);
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #hear(text) {
    if (this.#connectedAt === Infinity) {
      clearTimeout(this.#timer);
      this.#connectedAt = Date.now();
    }
    this.#tell("frame", text);
  }

  #lost(code) {
    if (Date.now() - this.#connectedAt >= STABLE) this.#attempts = 0;
    this.#forget()?.close();
    if (isFinal(code)) return this.#tell("stopped");

    const wait = delay(this.#attempts++);
    this.#isWaiting = true;
    this.#timer = setTimeout(() => this.open(), wait);
    this.#tell("waiting", Date.now() + wait);
  }

  /** Whatever was open or planned is no longer ours to hear of. Returns the connection there was. */
  #forget() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket) socket.onmessage = socket.onclose = null;
    this.#socket = null;
    this.#isWaiting = false;
    this.#connectedAt = Infinity;
    return socket;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
