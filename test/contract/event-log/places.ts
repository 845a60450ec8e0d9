import { expect, test } from 'vitest';
import { partitionOf } from '../../../src/events/aggregate.ts';
import { messages, readAll, Writer } from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

export const placeContract = (current: Current): void => {
  test('commits are found at their places, in the order asked for', async () => {
    const { log } = current();
    const writer = new Writer(log);
    for (const count of [1, 3, 2]) await writer.append(messages(count));
    await new Writer(log).append();
    const partition = partitionOf(writer.aggregate, log.info.partitions);
    const [first, second, third] = await readAll(log, writer.aggregate);
    if (!(first && second && third)) throw new Error('three commits were appended');
    const asked = [third.seq, 0, first.seq, 999_999, second.seq, first.seq];
    expect(await log.at(partition, asked)).toEqual([third, first, second, first]);
    expect(await log.at(partition, [])).toEqual([]);
    const many = Array.from({ length: 300 }, () => second.seq);
    expect(await log.at(partition, many)).toEqual(many.map(() => second));
  });
};
