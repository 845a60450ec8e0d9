/** What would move the cursor, hide text or turn it round. */
const dangerous = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (found: string): string =>
  names[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text that somebody else wrote, in one line that does a terminal no harm. */
export const shown = (text: string): string => text.replace(dangerous, escaped);

/** A value as one line of JSON that does a terminal no harm; JSON itself leaves some control characters as they are. */
export const jsonLine = (value: unknown): string => shown(JSON.stringify(value));
