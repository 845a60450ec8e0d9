import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { skeletonKey } from '../../events/aggregate.ts';

const load = createRequire(import.meta.url);

/** The confusables of UTS #39, read from their package when they are first needed; `require` keeps them. */
const prototypes = (): Readonly<Record<string, string>> => load('unhomoglyph/data.json');

/** The skeleton of UTS #39, section 4: texts that look alike have one. */
const skeletonOf = (text: string): string => {
  const table = prototypes();
  const letters = [...text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')];
  return letters
    .map((letter) => (Object.hasOwn(table, letter) ? table[letter] : letter))
    .join('')
    .normalize('NFD');
};

/**
 * The key under which the look of a username is claimed: a hash of its skeleton as it is written and of that in
 * lower case, so that `paypaI`, `paypal` and `PAYPA1` are one. These keys are in the log: the table of confusables
 * must not change without claiming the looks of all accounts anew.
 */
export const skeletonKeyOf = (username: string): string => {
  const shown = skeletonOf(username.normalize('NFKC'));
  return skeletonKey(hash('sha256', skeletonOf(shown.toLowerCase()), 'base64url'));
};
