/** U+FE0F selects the picture form; it is valid only directly after an `Emoji` character. */
const selectors = /\uFE0F/g;
const strayed = /(?:^|\P{Emoji})\uFE0F/u;

/** What is a picture only with U+FE0F behind it. A skin tone makes it one as well. */
const needsSelector = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/** What UTS #51 recommends (RGI). */
const rgi = '^\\p{RGI_Emoji}$';

/** A browser without the flag `v` would not load a literal with it; it leaves to the server which sequences exist. */
const recommended = (() => {
  try {
    return new RegExp(rgi, 'v');
  } catch {
    return /^(?:[0-9#*]\uFE0F\u20E3|(?![0-9#*])\p{Emoji}\S*)$/u;
  }
})();

/**
 * An emoji in its fully qualified form, the one in which it is kept and compared: with U+FE0F wherever UTS #51 puts it,
 * whether or not it was written there. Undefined if a text is not exactly one emoji that UTS #51 recommends (RGI).
 */
export const qualified = (text: string): string | undefined => {
  if (strayed.test(text)) return undefined;
  const emoji = text.replace(selectors, '').replace(needsSelector, '$&\uFE0F');
  return recommended.test(emoji) ? emoji : undefined;
};

/** The form in which reactions are compared: earlier versions kept them as they came, also what is no emoji. */
export const reactionForm = (text: string): string => qualified(text) ?? text;
