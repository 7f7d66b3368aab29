/** How long to wait before the next try, so that a crowd that lost its server does not come back as one. */

export const SHORTEST = 1000;
export const LONGEST = 30_000;

/**
 * Milliseconds to wait before try number `attempt` (from 0): anywhere between SHORTEST and a ceiling that
 * doubles with every attempt. `random` is from 0 up to 1.
 * @type {(attempt: number, random?: number) => number}
 */
export function delay(attempt, random = Math.random()) {
  const ceiling = Math.min(LONGEST, SHORTEST * 2 ** (attempt + 1));
  return SHORTEST + random * (ceiling - SHORTEST);
}
