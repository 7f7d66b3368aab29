/** The elements in which the talk is read, which the page has from the start. All others are in page.js. */

import "./elements/chat-day.js";
import { ChatLog } from "./elements/chat-log.js";
import "./elements/chat-message.js";
import { ConnectionLine } from "./elements/connection-line.js";
import { part } from "./elements/part.js";
import "./elements/role-badge.js";

export const first = {
  connection: part(document, "connection-line", ConnectionLine),
  log: part(document, "chat-log", ChatLog),
  opened: part(document, "[data-opened]", HTMLElement),
  title: part(document, ".room-title", HTMLElement),
  topic: part(document, ".room-topic", HTMLElement),
};
