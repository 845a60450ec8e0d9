import { expect, test } from 'vitest';
import { commitBytesMax, commitEventsMax } from '../../../src/events/commit.ts';
import { emptyTail } from '../../../src/events/log.ts';
import {
  aStreamAggregate,
  commitAfter,
  everything,
  messages,
  posted,
  readAll,
  Writer,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

export const limitContract = (current: Current): void => {
  test('a commit holds as many events and bytes as it may', async () => {
    const { log } = current();
    const writer = new Writer(log);
    const many = await writer.append(messages(commitEventsMax));
    const large = await writer.append([posted('x'.repeat(commitBytesMax - 1024))]);
    const recorded = await readAll(log, writer.aggregate);
    expect(recorded.map(({ commit }) => commit)).toEqual([many, large]);
    expect(await log.tail(writer.aggregate)).toEqual(writer.tail);
    expect(writer.tail.n).toBe(commitEventsMax + 1);
  });

  test('a commit that is too long or too large is refused without harm', async () => {
    const { log } = current();
    const aggregate = aStreamAggregate();
    for (const events of [
      messages(commitEventsMax + 1),
      [posted('x'.repeat(commitBytesMax))],
      [],
    ]) {
      await expect(
        log.append(aggregate, commitAfter(emptyTail, events), emptyTail),
      ).rejects.toThrow();
    }
    expect(await log.tail(aggregate)).toEqual(emptyTail);
    expect(await everything(log)).toEqual([]);
    const fine = commitAfter(emptyTail);
    await log.append(aggregate, fine, emptyTail);
    expect((await everything(log)).map(({ commit }) => commit)).toEqual([fine]);
  });

  test('texts of every script survive', async () => {
    const { log } = current();
    const text = 'Grüße 👩‍👩‍👧‍👦 \u0000 \n "quoted" \\ עברית 日本語 \u{10ffff} \u2028';
    const writer = new Writer(log);
    const commit = await writer.append([posted(text)]);
    expect((await readAll(log, writer.aggregate))[0]?.commit).toEqual(commit);
  });
};
