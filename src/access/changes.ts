import type { DataOf, EventIn, EventKind } from '../events/kinds/kinds.ts';

/**
 * How an event of a circle changes the right to read: of one user, or of all users, in the whole circle or in one
 * stream.
 */
export type AccessChange =
  | { readonly change: 'granted' | 'revoked'; readonly user: string }
  | { readonly change: 'ended'; readonly stream?: string };

type CircleKind = EventIn<'circle'>['k'];

const unchanged = (): undefined => undefined;
const revoked = ({ user }: { readonly user: string }): AccessChange => ({
  change: 'revoked',
  user,
});

/** Every kind of event of a circle: a missing one does not compile. */
const changes: { readonly [K in CircleKind]: (data: DataOf<K>) => AccessChange | undefined } = {
  'circle-created': unchanged,
  'circle-updated': unchanged,
  'circle-deleted': () => ({ change: 'ended' }),
  'member-joined': ({ user }) => ({ change: 'granted', user }),
  'member-left': revoked,
  'member-removed': revoked,
  'member-data-changed': unchanged,
  'stream-created': unchanged,
  'stream-updated': unchanged,
  'stream-archived': unchanged,
  'stream-restored': unchanged,
  'stream-deleted': ({ id }) => ({ change: 'ended', stream: id }),
  'invite-created': unchanged,
  'invite-revoked': unchanged,
};

/** How an event changes the right to read; undefined for most, and for events of other aggregates. */
export const accessChange = <K extends EventKind>({
  k,
  d,
}: {
  readonly k: K;
  readonly d: DataOf<K>;
}): AccessChange | undefined => {
  const changeOf = Object.hasOwn(changes, k) ? changes[k as CircleKind] : unchanged;
  return (changeOf as (data: DataOf<K>) => AccessChange | undefined)(d);
};
