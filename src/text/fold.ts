/**
 * The form in which names and words are compared: NFKC, lower case by Unicode's default folding (lower, upper, lower:
 * `ẞ`, `ß` and `SS` are equal), NFKC again. Texts that fold to the same are equal. The log holds usernames in this
 * form, so it must not change.
 */
export const fold = (text: string): string =>
  text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
