/** The frames of Alice and Bob, and the page that Alice looks at. */

import { reduce } from "../../chat/static/chat/js/reducer.js";
import { begin, current } from "../../chat/static/chat/js/state.js";

export const MORNING = Date.parse("2026-11-22T09:00:00Z");
export const MINUTE = 60_000;

/** What `sender` said; the number is its id, its version and the minutes since the morning. */
export function said(sender, id, more = {}) {
  return {
    type: "message",
    sender,
    sender_id: sender.toLowerCase(),
    message: `word ${id}`,
    room: "lounge",
    id,
    version: id,
    sent_at: new Date(MORNING + id * MINUTE).toISOString(),
    ...more,
  };
}

/** A message of before as it stands since `version`. */
export function updated(frame, version, more = {}) {
  return { ...frame, type: "update", version, ...more };
}

/** The same without its words. */
export function deleted(frame, version) {
  const { message: _message, ...rest } = frame;
  return { ...rest, type: "update", version, deleted: true };
}

export function welcome(name = "Alice", more = {}) {
  return { type: "welcome", id: "alice", name, role: "guest", token: "proof of Alice", ...more };
}

/** Alice is a user of the site, as the server says. */
export function welcomeUser(name = "Alice", id = "user-alice") {
  return { type: "welcome", id, name, role: "member", token: "", user: true };
}

/** A room in the list of rooms. */
export function summary(slug, more = {}) {
  const title = slug[0].toUpperCase() + slug.slice(1);
  return { room: slug, title, topic: "", mode: "open", online: 1, role: "guest", speak: true, ...more };
}

export function listed(rooms, more = {}) {
  return { type: "rooms", rooms, more: false, counted: true, create: false, ...more };
}

export function gone(slug) {
  return { type: "left", room: slug };
}

export function typing(name, slug = "lounge") {
  return { type: "typing", room: slug, id: name.toLowerCase(), name };
}

export function members(people, more = false) {
  return { type: "members", room: "lounge", members: people, more };
}

export function read(slug, id) {
  return { type: "read", room: slug, id };
}

export function renamed(id, name) {
  return notice({ color: "info", event: "rename", id, name });
}

export function room(version, recovered, more = {}) {
  const members = [{ id: "alice", name: "Alice", role: "guest" }];
  return { type: "room", room: "lounge", epoch: "e1", version, recovered, members, online: 1, ...more };
}

export function history(messages, more = false) {
  return { type: "history", room: "lounge", messages, more };
}

export function position(version, epoch = "e1") {
  return { type: "position", room: "lounge", epoch, version };
}

export function ack(ref, id, version = id) {
  return { type: "ack", ref, id, version, sent_at: new Date(MORNING).toISOString(), dup: false };
}

export function error(code, more = {}) {
  return { type: "error", code, message: `no: ${code}`, ...more };
}

export function joined(name, more = {}) {
  return notice({ color: "success", event: "join", id: name.toLowerCase(), name, ...more });
}

export function left(name, more = {}) {
  return notice({ color: "warning", event: "leave", id: name.toLowerCase(), name, ...more });
}

/** Alice opens another room. */
export function open(slug) {
  return { type: "open", slug };
}

export function crowd(came, went, more = {}) {
  return notice({ color: "info", event: "crowd", came, went, ...more });
}

/** What somebody is told who is not let in, before the server knows of v2. */
export function turnedAway(code) {
  return { type: "notification", message: `no: ${code}`, color: "danger", code };
}

/** How the lounge is now. */
export function described(more) {
  return notice({ color: "info", event: "room", title: "Lounge", topic: "", mode: "open", ...more });
}

/** What a moderator has told Alice, or has done to her. */
export function moderated(act, more = {}) {
  return { type: "notification", message: "…", color: "warning", event: "moderation", act, ...more };
}

export function closing(code, more = {}) {
  return { type: "closing", code, reason: `closed: ${code}`, ...more };
}

export function notice(more) {
  return { type: "notification", message: "…", room: "lounge", ...more };
}

/** Alice says something, on her page. */
export function post(ref, message = `said as ${ref}`) {
  return { type: "post", ref, message, timestamp: "now", at: MORNING };
}

export const connecting = { type: "connecting" };
export const waiting = { type: "waiting", until: 1 };

/** What the reducer makes of these, one after the other: frames of the server, or events of the page. */
export function after(state, ...events) {
  return events.reduce((known, event) => reduce(known, isFrame(event) ? heard(event) : event), state);
}

/** Alice's page before anything has come. */
export function alice() {
  return begin({ id: "alice", name: "Alice" }, "lounge");
}

/** Alice has just come in, and found these messages. */
export function aliceIsIn(...messages) {
  const version = Math.max(0, ...messages.map((message) => message.version));
  return after(alice(), connecting, welcome(), room(version, false), history(messages));
}

/** Alice's page comes back after the connection broke, and the room has come to `version`. */
export function back(version) {
  return [waiting, connecting, welcome(), room(version, true)];
}

/** The messages of the room, in short. */
export function shown(state) {
  return current(state).messages.map(({ id }) => id);
}

/** The outbox, in short. */
export function queued(state) {
  return state.outbox.map(({ ref, status }) => `${ref} ${status}`);
}

/**
 * `read` is both: what Alice has read here, by its slug, and what the server says of a room. So is `waiting`: until the
 * next try to connect, and how much waits for a moderator; and `queue`, which is asked for and told.
 */
export function isFrame(event) {
  if (event.type === "read") return event.slug === undefined;
  if (event.type === "waiting" || event.type === "queue") return event.count !== undefined;
  return FRAMES.has(event.type);
}

const FRAMES = new Set(
  (
    "request_name welcome room message update history notification ack position error closing pong " +
    "rooms left members typing found"
  ).split(" "),
);

function heard(frame) {
  return { type: "frame", frame, at: MORNING };
}
