/** The elements that the page has one of each, alive: who wants to show or ask something finds them here. */

import { ChatComposer } from "./elements/chat-composer.js";
import "./elements/chat-day.js";
import { ChatLog } from "./elements/chat-log.js";
import "./elements/chat-message.js";
import "./elements/chat-notice.js";
import { ConnectionLine } from "./elements/connection-line.js";
import { DeleteDialog } from "./elements/delete-dialog.js";
import { MessageActions } from "./elements/message-actions.js";
import { NameDialog } from "./elements/name-dialog.js";
import { OnlineCount } from "./elements/online-count.js";
import { OwnName } from "./elements/own-name.js";
import { part } from "./elements/part.js";

export const page = {
  actions: part(document, "message-actions", MessageActions),
  composer: part(document, "chat-composer", ChatComposer),
  connection: part(document, "connection-line", ConnectionLine),
  deletion: part(document, "delete-dialog", DeleteDialog),
  dialog: part(document, "name-dialog", NameDialog),
  log: part(document, "chat-log", ChatLog),
  name: part(document, "own-name", OwnName),
  online: part(document, "online-count", OnlineCount),
  title: part(document, ".room-title", HTMLElement),
};
