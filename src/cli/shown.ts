import { isolated } from '../text/direction.ts';
import { escapedAsJson, harmful } from '../text/json-line.ts';

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (text: string): string =>
  text.replace(harmful, (found) => names[found] ?? escapedAsJson(found));

/** A name that is isolated, as `isolate` does it. */
const isolates = /\u2068([^\u2066-\u2069]*)\u2069/;

/**
 * Text that somebody else wrote, in one line that does a terminal no harm, and changes nothing in the order of what
 * stands around it. Names in it that are isolated stay so.
 */
export const shown = (text: string): string => {
  const parts = text.split(isolates).map(escaped);
  return isolated(parts.map((part, at) => (at % 2 === 0 ? part : `\u2068${part}\u2069`)).join(''));
};
