/** Characters that set the direction of the text after them (UAX #9): marks, embeddings, overrides and isolates. */
export const directionControls = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Characters that end a line or move the cursor. */
export const controls = /[\p{Cc}\u2028\u2029]/gu;

/** The blocks of right-to-left scripts, and those reserved for them (UAX #9, DerivedBidiClass). */
const rightToLeft =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** The text without direction controls; isolated if a part of it runs from right to left. */
export const isolated = (text: string): string =>
  rightToLeft.test(text) ? `\u2068${text}\u2069` : text;

/**
 * A name for use in a line of plain text: it does not change the order of the text around it. A right-to-left name is
 * isolated (U+2068 … U+2069); any other needs no isolate once its own direction controls, which names of earlier
 * versions may have, are removed. In HTML use `<bdi>`.
 */
export const isolate = (name: string): string =>
  isolated(name.replace(directionControls, '').replace(controls, ' '));
