/**
 * Quotations: an answer brings what it answers from the server, as that stood then. Whatever is heard of it later is put
 * in its place, so that nothing lives on there that was deleted.
 */

/** @import { Message, Quote } from "./protocol.js" */

/** How much of a message is quoted, in characters; as the server does. */
export const QUOTED = 200;

/**
 * The messages, their quotations as the `originals` now stand. Those that quote none of these stay the same objects.
 * @type {(messages: Message[], originals: Message[]) => Message[]}
 */
export function quoting(messages, originals) {
  if (!messages.some(({ quote }) => quote)) return messages;
  const known = new Map(originals.map((original) => [original.id, original]));
  const found = messages.map((message) => {
    const original = message.quote && known.get(message.quote.id);
    return original && !isOf(original, message.quote) ? { ...message, quote: quoted(original) } : message;
  });
  return found.every((message, index) => message === messages[index]) ? messages : found;
}

/** A message as an answer quotes it. @type {(original: Message) => Quote} */
function quoted({ id, sender, sender_id, message, deleted }) {
  const quote = { id, sender, sender_id };
  return deleted ? quote : { ...quote, message: beginning(message ?? "") };
}

/** Whether that is what an answer quotes already. @type {(original: Message, quote: Quote | null | undefined) => boolean} */
function isOf(original, quote) {
  const now = quoted(original);
  const isTheirs = now.sender === quote?.sender && now.sender_id === quote?.sender_id;
  return isTheirs && now.message === (quote?.message ?? undefined);
}

/** Characters as the server counts them. @type {(text: string) => string} */
function beginning(text) {
  return text.length <= QUOTED ? text : Array.from(text.slice(0, 2 * QUOTED)).slice(0, QUOTED).join("");
}
