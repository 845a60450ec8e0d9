/** The numbers of unread messages and mentions, exact up to 99; 100 means more. */
export type Counts = { readonly unread: number; readonly mentions: number };

/** The unread state of a stream: its newest message, and the last one read. */
export type Badge = Counts & { readonly last: number; readonly read: number };

const countMax = 100;

export const noBadge: Badge = { last: 0, read: 0, unread: 0, mentions: 0 };

/** A message `m` was posted. Notifications may be lost, so the numbers are counted. */
export const afterPost = (
  badge: Badge,
  { m, isMention }: { readonly m: number; readonly isMention: boolean },
): Badge => {
  if (m <= badge.last) return badge;
  const more = m - Math.max(badge.last, badge.read);
  return {
    ...badge,
    last: m,
    unread: Math.min(countMax, badge.unread + more),
    mentions: Math.min(countMax, badge.mentions + (isMention ? 1 : 0)),
  };
};

/** Everything up to message `m` was read, on any device; markers never decrease. */
export const afterRead = (badge: Badge, m: number): Badge => {
  if (m <= badge.read) return badge;
  if (m >= badge.last) return { last: Math.max(badge.last, m), read: m, unread: 0, mentions: 0 };
  const unread = Math.min(badge.unread, badge.last - m);
  return { ...badge, read: m, unread, mentions: Math.min(badge.mentions, unread) };
};

/** The sum of several, such as a circle's streams. */
export const summed = (badges: Iterable<Badge>): Counts => {
  let unread = 0;
  let mentions = 0;
  for (const badge of badges) {
    unread += badge.unread;
    mentions += badge.mentions;
  }
  return { unread, mentions };
};

export const countLabel = (count: number): string => (count >= countMax ? '99+' : String(count));
