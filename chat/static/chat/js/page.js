/** The elements that the page has one of each, alive: who wants to show or ask something finds them here. */

import { ChatComposer } from "./elements/chat-composer.js";
import "./elements/chat-day.js";
import { ChatLog } from "./elements/chat-log.js";
import "./elements/chat-message.js";
import "./elements/chat-notice.js";
import "./elements/chat-presence.js";
import "./elements/chat-unread.js";
import { ConnectionLine } from "./elements/connection-line.js";
import { DeleteDialog } from "./elements/delete-dialog.js";
import { MessageActions } from "./elements/message-actions.js";
import { NameDialog } from "./elements/name-dialog.js";
import { OnlineCount } from "./elements/online-count.js";
import { OwnName } from "./elements/own-name.js";
import { PageNote } from "./elements/page-note.js";
import { part } from "./elements/part.js";
import { PeopleList } from "./elements/people-list.js";
import { PersonActions } from "./elements/person-actions.js";
import "./elements/role-badge.js";
import { RoomDialog } from "./elements/room-dialog.js";
import { RoomNav } from "./elements/room-nav.js";
import { TypingLine } from "./elements/typing-line.js";
import { Rare, RarelyShown } from "./rarely.js";

/** @import { Pinned } from "./protocol.js" */
/** @import { Connection, Word } from "./state.js" */

const pinned = new Rare("pinned-message", async () => (await import("./elements/pinned-message.js")).PinnedMessage);
const shutOut = new Rare("shut-out", async () => (await import("./elements/shut-out.js")).ShutOut);
const words = new Rare("moderator-words", async () => (await import("./elements/moderator-words.js")).ModeratorWords);

export const page = {
  actions: part(document, "message-actions", MessageActions),
  composer: part(document, "chat-composer", ChatComposer),
  connection: part(document, "connection-line", ConnectionLine),
  deletion: part(document, "delete-dialog", DeleteDialog),
  dialog: part(document, "name-dialog", NameDialog),
  log: part(document, "chat-log", ChatLog),
  name: part(document, "own-name", OwnName),
  newRoom: part(document, "room-dialog", RoomDialog),
  note: part(document, "page-note", PageNote),
  online: part(document, "online-count", OnlineCount),
  opened: part(document, "[data-opened]", HTMLElement),
  people: part(document, "people-list", PeopleList),
  pinned: new RarelyShown(pinned, (/** @type {Pinned | null} */ message) => message === null),
  report: new Rare("report-dialog", async () => (await import("./elements/report-dialog.js")).ReportDialog),
  shutOut: new RarelyShown(shutOut, (/** @type {Connection | null} */ connection) => connection === null),
  words: new RarelyShown(words, (/** @type {Word[]} */ told) => told.length === 0),
  person: part(document, "person-actions", PersonActions),
  rooms: part(document, "room-nav", RoomNav),
  title: part(document, ".room-title", HTMLElement),
  topic: part(document, ".room-topic", HTMLElement),
  typing: part(document, "typing-line", TypingLine),
};
