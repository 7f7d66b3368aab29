/** How many unread messages are counted. */

/** From this many on it is "more than 99". */
export const MANY = 100;

/** @type {(count: number) => string} */
export function capped(count) {
  return count < MANY ? String(count) : `${MANY - 1}+`;
}
