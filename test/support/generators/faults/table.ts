import { columns } from '../../../../src/cli/terminal/columns.ts';
import type { Seen } from './play.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const heads = [
  ...['fault', 'lasted', 'posts', 'slowest circle without a post', 'longest without an event'],
  ...['a partition without a node', 'slowest answer', 'late', 'commands refused', 'reads refused'],
  ...['closes', 'recovery'],
].map((text) => ({ text }));

/** What was seen, as a table for people; durations in s. */
export const tableOf = (seen: readonly Seen[]): string => {
  const rows = seen.map(({ fault, posts, late, refused, unreadable, closes, ...ms }) => [
    ...[fault, seconds(ms.lastedMs), `${posts}`, seconds(ms.silenceMs), seconds(ms.deafMs)],
    ...[seconds(ms.unownedMs), seconds(ms.slowestMs), `${late}`, `${refused}`, `${unreadable}`],
    ...[closes.join(' '), seconds(ms.recoveryMs)],
  ]);
  return columns({ heads, rows });
};
