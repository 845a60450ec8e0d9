import Table from 'cli-table3';
import type { Seen } from './play.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const head = [
  ...['fault', 'lasted', 'posts', 'slowest circle without a post', 'longest without an event'],
  ...['slowest answer', 'late', 'closes', 'recovery'],
];

/** What was seen, as a table for people; durations in s. */
export const tableOf = (seen: readonly Seen[]): string => {
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const each of seen) {
    const { fault, posts, late, closes } = each;
    table.push([
      ...[fault, seconds(each.lastedMs), posts, seconds(each.silenceMs), seconds(each.deafMs)],
      ...[seconds(each.slowestMs), late, closes.join(' '), seconds(each.recoveryMs)],
    ]);
  }
  return table.toString();
};
