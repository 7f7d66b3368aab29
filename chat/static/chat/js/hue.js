/** A colour for a name: the hue comes from the id, lightness and chroma from the theme. */

/** A hue in degrees that is the same for one id everywhere and for ever. @type {(id: string) => number} */
export function hue(id) {
  // FNV-1a: small, and ids that differ in one letter land far apart.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % 360;
}
