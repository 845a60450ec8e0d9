/** U+FE0F selects the picture form; it is valid only directly after an `Emoji` character. */
const selectors = /\uFE0F/g;
const strayed = /(?:^|\P{Emoji})\uFE0F/u;

/** Characters that are only shown as a picture with U+FE0F after them, or with a skin tone. */
const needsSelector = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/** The emojis that UTS #51 recommends (RGI). */
const rgi = '^\\p{RGI_Emoji}$';

/**
 * A literal with the flag `v` would not load in a browser without it; there, the server decides which sequences
 * exist.
 */
const compiled = (): RegExp => {
  try {
    return new RegExp(rgi, 'v');
  } catch {
    return /^(?:[0-9#*]\uFE0F\u20E3|(?![0-9#*])\p{Emoji}\S*)$/u;
  }
};

/** Compiled when it is first needed, since that takes long. */
let recommended: RegExp | undefined;

/**
 * An emoji in its fully qualified form, in which it is stored and compared: with U+FE0F wherever UTS #51 puts it,
 * whether or not it was written. Undefined if a text is not exactly one emoji that UTS #51 recommends (RGI).
 */
export const qualified = (text: string): string | undefined => {
  if (strayed.test(text)) return undefined;
  const emoji = text.replace(selectors, '').replace(needsSelector, '$&\uFE0F');
  recommended ??= compiled();
  return recommended.test(emoji) ? emoji : undefined;
};

/** The form in which reactions are compared: earlier versions stored them as received, even if not an emoji. */
export const reactionForm = (text: string): string => qualified(text) ?? text;
