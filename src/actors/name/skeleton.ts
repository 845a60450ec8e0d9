import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { skeletonKey } from '../../events/aggregate.ts';

const load = createRequire(import.meta.url);

/** The confusables of UTS #39, loaded when they are first needed; `require` caches them. */
const prototypes = (): Readonly<Record<string, string>> => load('unhomoglyph/data.json');

/** The skeleton of UTS #39, section 4, which texts that look alike have in common. */
const skeletonOf = (text: string): string => {
  const table = prototypes();
  const letters = [...text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')];
  return letters
    .map((letter) => (Object.hasOwn(table, letter) ? table[letter] : letter))
    .join('')
    .normalize('NFD');
};

/**
 * The key under which the skeleton of a username is claimed: a hash of its skeleton as written and of that in lower
 * case, so that `paypaI`, `paypal` and `PAYPA1` have the same. These keys are in the log: the table of confusables
 * must not change without claiming the skeletons of all accounts again.
 */
export const skeletonKeyOf = (username: string): string => {
  const written = skeletonOf(username.normalize('NFKC'));
  return skeletonKey(hash('sha256', skeletonOf(written.toLowerCase()), 'base64url'));
};
