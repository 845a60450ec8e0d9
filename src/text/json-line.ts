/** Characters that move the cursor of a terminal, hide text or reverse it. */
export const harmful = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A character in JSON's notation: `\u202e`. */
export const escapedAsJson = (found: string): string =>
  `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A value as one line of JSON that is safe in a terminal; JSON itself leaves some control characters as they are. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(harmful, escapedAsJson);
