/** Messages that are nothing but a few emoji. */

/** More stand in a line, as other words do. */
const MOST = 3;
/** No emoji is longer than a family with its skin tones; so long texts are not looked at. */
const LONGEST = MOST * 32;

const ONE = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)\p{Emoji_Modifier}?`;
const TAGS = String.raw`(?:[\u{E0020}-\u{E007E}]+\u{E007F})?`;
/** A flag of two letters, a key, or a picture with what is joined to it. */
const EMOJI = String.raw`(?:\p{RI}{2}|[#*\d]\uFE0F\u20E3|(?:${ONE}|\p{Emoji_Modifier_Base}\p{Emoji_Modifier})${TAGS}(?:\u200D\p{Emoji}\uFE0F?\p{Emoji_Modifier}?)*)`;
const ALONE = new RegExp(`^\\s*(?:${EMOJI}\\s*){1,${MOST}}$`, "u");

/** @type {(text: string) => boolean} */
export function isEmojiAlone(text) {
  return text.length <= LONGEST && ALONE.test(text);
}
