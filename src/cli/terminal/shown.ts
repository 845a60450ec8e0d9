import { isolated } from '../../text/direction.ts';
import { escapedAsJson, harmful } from '../../text/json-line.ts';

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (text: string): string =>
  text.replace(harmful, (found) => names[found] ?? escapedAsJson(found));

/** A name that was isolated by `isolate`. */
const isolates = /\u2068([^\u2066-\u2069]*)\u2069/;

/**
 * Formats untrusted text for a terminal, in one line: control characters are escaped, and the direction of the
 * surrounding text does not change. Isolated names in it remain isolated.
 */
export const shown = (text: string): string => {
  const parts = text.split(isolates).map(escaped);
  return isolated(parts.map((part, at) => (at % 2 === 0 ? part : `\u2068${part}\u2069`)).join(''));
};
