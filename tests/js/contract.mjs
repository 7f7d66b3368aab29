/**
 * The page's side of test_contract.py. It answers questions, one on each line: `["name", …arguments]` in JSON.
 */

import { createInterface } from "node:readline";

import { emojis, toned } from "../../chat/static/chat/js/emojis.js";
import * as protocol from "../../chat/static/chat/js/protocol.js";
import { QUOTED } from "../../chat/static/chat/js/quotations.js";
import { MANY } from "../../chat/static/chat/js/many.js";
import { PAGE } from "../../chat/static/chat/js/room.js";

const listed = await emojis("en");

const answers = {
  emoji: (tone) => listed.map(({ symbol }) => toned(symbol, tone)),
  /** What is left of frames: their types, and those of the messages within. */
  types: (text) => protocol.parse(text).map(typesOf),
  reply: protocol.reply,
  command: protocol.command,
  enter: protocol.enter,
  leave: protocol.leave,
  rename: protocol.rename,
  typing: protocol.typing,
  read: protocol.read,
  members: protocol.members,
  rooms: protocol.rooms,
  create: protocol.create,
  direct: protocol.direct,
  member: protocol.member,
  history: (room, where) => protocol.history(room, where, PAGE),
  search: protocol.search,
  moderation: protocol.moderation,
  queue: protocol.queue,
  ping: protocol.ping,
  isFinal: protocol.isFinal,
  words: () => ({
    colors: protocol.COLORS,
    events: protocol.EVENTS,
    roles: protocol.ROLES,
    modes: protocol.MODES,
    acts: protocol.ACTS,
    rights: protocol.RIGHTS,
    codes: [
      ...protocol.TRANSIENT,
      protocol.NOT_FOUND,
      protocol.FORBIDDEN,
      protocol.READ_ONLY,
      protocol.MUTED,
      protocol.HELD,
      protocol.REFUSED,
      protocol.FILTERED,
      protocol.ALREADY_REPORTED,
      protocol.SIGN_IN_REQUIRED.error,
      protocol.BANNED.error,
      protocol.KICKED.error,
    ],
    many: MANY,
    quoted: QUOTED,
    closes: {
      sign_in_required: protocol.SIGN_IN_REQUIRED.close,
      session_ended: protocol.SESSION_ENDED,
      banned: protocol.BANNED.close,
      kicked: protocol.KICKED.close,
    },
  }),
};

function typesOf({ type, messages = [], items = [] }) {
  const around = items.flatMap(({ before, after }) => [...before, ...after]);
  return [type, ...[...messages, ...around].map((message) => message.type)];
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...details] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(answers[name](...details))}\n`);
}
