/** Names that nobody else has. */

/** `bytes` random bytes as hexadecimal digits. @type {(bytes: number) => string} */
export function randomHex(bytes) {
  // Not crypto.randomUUID: a browser has that on https and localhost only.
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(values, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
