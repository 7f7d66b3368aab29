/** The frames of Alice and Bob, and the page that Alice looks at. */

import { begin, reduce } from "../../chat/static/chat/js/state.js";

export const MORNING = Date.parse("2026-11-22T09:00:00Z");
export const MINUTE = 60_000;

/** What `sender` said; the number is its id and the minutes since the morning. */
export function said(sender, id, more = {}) {
  const sent_at = new Date(MORNING + id * MINUTE).toISOString();
  return {
    type: "message",
    sender,
    sender_id: sender.toLowerCase(),
    message: `word ${id}`,
    id,
    sent_at,
    ...more,
  };
}

export function joined(name) {
  return {
    type: "notification",
    message: "…",
    color: "success",
    event: "join",
    id: name.toLowerCase(),
    name,
  };
}

export function left(name) {
  return {
    type: "notification",
    message: "…",
    color: "warning",
    event: "leave",
    id: name.toLowerCase(),
    name,
  };
}

export function warned(message) {
  return { type: "notification", message, color: "danger" };
}

/** What the reducer makes of these, one after the other: frames of the server, or events of the page. */
export function after(state, ...events) {
  return events.reduce((known, event) => reduce(known, isFrame(event) ? heard(event) : event), state);
}

/** Alice has just come in, and the room was empty. */
export function aliceIsIn() {
  return after(begin("alice"), { type: "connecting" }, joined("Alice"), { type: "history", messages: [] });
}

/** The log, in short: ids of messages, names of those who come and go. */
export function shown({ entries }) {
  return entries.map(({ frame }) => (frame.type === "message" ? frame.id : (frame.name ?? frame.message)));
}

function isFrame(event) {
  return (event.type === "message" && "id" in event) || (event.type === "notification" && "color" in event);
}

function heard(frame) {
  return { type: frame.type, frame, at: MORNING };
}
