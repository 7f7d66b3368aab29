/**
 * The elements that the page has one of each, alive: who wants to show or ask something finds them here. All but
 * those of first.js come with later.html: this is loaded when that stands in the page (later.js).
 */

import { AlertsButton } from "./elements/alerts-button.js";
import { ChatComposer } from "./elements/chat-composer.js";
import "./elements/chat-notice.js";
import "./elements/chat-presence.js";
import "./elements/chat-unread.js";
import { DeleteDialog } from "./elements/delete-dialog.js";
import "./elements/keys-dialog.js";
import { goByKeys } from "./elements/log-keys.js";
import { MessageActions } from "./elements/message-actions.js";
import { NameDialog } from "./elements/name-dialog.js";
import { OnlineCount } from "./elements/online-count.js";
import { OnlineStatus } from "./elements/online-status.js";
import { OwnName } from "./elements/own-name.js";
import { PageNote } from "./elements/page-note.js";
import { part } from "./elements/part.js";
import { PeopleList } from "./elements/people-list.js";
import { PersonActions } from "./elements/person-actions.js";
import { RoomDialog } from "./elements/room-dialog.js";
import { RoomNav } from "./elements/room-nav.js";
import { TypingLine } from "./elements/typing-line.js";
import { first } from "./first.js";
import { Rare, RarelyShown } from "./rarely.js";

/** @import { Pinned } from "./protocol.js" */
/** @import { Connection, Word } from "./state.js" */
/** @import { Unsent } from "./unsent.js" */

const pinned = new Rare("pinned-message", async () => (await import("./elements/pinned-message.js")).PinnedMessage);
const shutOut = new Rare("shut-out", async () => (await import("./elements/shut-out.js")).ShutOut);
const picker = new Rare("emoji-picker", async () => (await import("./elements/emoji-picker.js")).EmojiPicker);
const unsent = new Rare("unsent-line", async () => (await import("./elements/unsent-line.js")).UnsentLine);
const words = new Rare("moderator-words", async () => (await import("./elements/moderator-words.js")).ModeratorWords);

export const page = {
  ...first,
  alerts: new Rare("alerts-dialog", async () => (await import("./elements/alerts-dialog.js")).AlertsDialog),
  actions: part(document, "message-actions", MessageActions),
  bell: part(document, "alerts-button", AlertsButton),
  composer: part(document, "chat-composer", ChatComposer),
  deletion: part(document, "delete-dialog", DeleteDialog),
  dialog: part(document, "name-dialog", NameDialog),
  name: part(document, "own-name", OwnName),
  newRoom: part(document, "room-dialog", RoomDialog),
  note: part(document, "page-note", PageNote),
  online: part(document, "online-count", OnlineCount),
  onlineStatus: part(document, "online-status", OnlineStatus),
  people: part(document, "people-list", PeopleList),
  picker,
  pinned: new RarelyShown(pinned, (/** @type {Pinned | null} */ message) => message === null),
  report: new Rare("report-dialog", async () => (await import("./elements/report-dialog.js")).ReportDialog),
  shutOut: new RarelyShown(shutOut, (/** @type {Connection | null} */ connection) => connection === null),
  unsent: new RarelyShown(unsent, (/** @type {Unsent | null} */ items) => items === null),
  words: new RarelyShown(words, (/** @type {Word[]} */ told) => told.length === 0),
  person: part(document, "person-actions", PersonActions),
  rooms: part(document, "room-nav", RoomNav),
  typing: part(document, "typing-line", TypingLine),
};

goByKeys(page.log);
