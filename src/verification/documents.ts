import { isDeepStrictEqual } from 'node:util';
import type { Document } from '../store/documents.ts';
import { appliedOf } from '../store/fold.ts';
import { appliedField } from '../store/store.ts';
import type { Finding } from './findings.ts';

/** One document as it is stored and as it should be according to the log. */
export type Pair = {
  readonly collection: string;
  readonly id: string;
  readonly live: Document | undefined;
  readonly rebuilt: Document | undefined;
};

/** Whether the two are equal in all fields and in their applied positions. */
export const isSame = (pair: Pair): boolean => {
  const { live, rebuilt } = pair;
  if (!(live && rebuilt)) return live === rebuilt;
  return isDeepStrictEqual(live, rebuilt);
};

/** What is wrong with a document that differs; a finding for each field. */
export function* differencesIn(pair: Pair): Generator<Finding> {
  const { collection, id, live, rebuilt } = pair;
  const place = { collection, id };
  if (!live) {
    yield { code: 'lost', message: `${collection} has lost ${id}`, ...place };
    return;
  }
  if (!rebuilt) {
    const message = `${collection} has ${id}, of which the log knows nothing`;
    yield { code: 'extra', message, ...place };
    return;
  }
  let isFound = false;
  for (const field of new Set([...Object.keys(live), ...Object.keys(rebuilt)])) {
    if (field === appliedField || isDeepStrictEqual(live[field], rebuilt[field])) continue;
    isFound = true;
    const values = { live: live[field], rebuilt: rebuilt[field] };
    const message = `${collection} ${id}: ${field} is ${printed(values.live)}, by the log ${printed(values.rebuilt)}`;
    yield { code: 'differs', message, ...place, field, ...values };
  }
  if (!isFound) yield misdated(pair);
}

/** A document that is correct but whose applied positions are wrong. */
const misdated = ({ collection, id, live, rebuilt }: Pair): Finding => {
  const values = { live: live?.[appliedField], rebuilt: rebuilt?.[appliedField] };
  const places = appliedOf(live);
  const isBehind = Object.entries(appliedOf(rebuilt)).some(
    ([partition, place]) => (places[partition] ?? 0) < place,
  );
  const code = isBehind ? 'behind' : 'ahead';
  const message = `${collection} ${id} says that it is ${code === 'behind' ? 'older' : 'newer'} than its model: ${printed(values.live)}, by the log ${printed(values.rebuilt)}`;
  return { code, message, collection, id, field: appliedField, ...values };
};

const shownMax = 80;

const printed = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
};
