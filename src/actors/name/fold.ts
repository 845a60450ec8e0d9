/**
 * The form in which usernames are compared: NFKC, lower case by Unicode's default folding (lower, upper, lower:
 * `ẞ`, `ß` and `SS` are one), NFKC again. What folds alike is one name.
 */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
