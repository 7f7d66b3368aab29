/** What of the outbox was too fast, and is sent again by itself. */

/** @import { Item } from "./outbox.js" */

/** Whether a change was too fast for the server, and is sent again. @type {(item: Item) => boolean} */
export function isLimited({ status, pace }) {
  return pace !== undefined && status !== "failed";
}

/** Whether a change is, or was, too fast for its room, and is sent again. @type {(item: Item) => boolean} */
export function isSlowed({ status, isSlow }) {
  return isSlow === true && status !== "failed" && status !== "stored";
}
