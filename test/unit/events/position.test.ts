import { expect, test } from 'vitest';
import { circleAggregate, streamAggregate } from '../../../src/events/aggregate.ts';
import { eventKey, indexOfEvent, seqOfEvent } from '../../../src/events/event-key.ts';
import { formatPosition, parsePosition } from '../../../src/events/position.ts';
import {
  formatStreamPath,
  parseStreamPath,
  streamPathOf,
} from '../../../src/events/stream-path.ts';

test('a position is formatted and parsed; malformed ones and unknown partitions are undefined', () => {
  expect(formatPosition({ partition: 3, seq: 1234 })).toBe('3:1234');
  expect(parsePosition('3:1234', 4)).toEqual({ partition: 3, seq: 1234 });
  for (const bad of [
    '4:1',
    '-1:1',
    '1',
    '1:',
    ':1',
    '1:-1',
    '1:1.5',
    ' 1:1',
    '1:1e3',
    `1:${'9'.repeat(17)}`,
    '',
  ]) {
    expect(parsePosition(bad, 4), bad).toBeUndefined();
  }
});

test('without the number of partitions, a position of any partition is parsed', () => {
  expect(parsePosition('9999:7')).toEqual({ partition: 9999, seq: 7 });
});

test.each([
  [1, 0],
  [7, 511],
  [2 ** 33, 511],
])('the key of event %i:%i orders it, and yields its commit and index', (seq, index) => {
  const key = eventKey(seq, index);
  expect([seqOfEvent(key), indexOfEvent(key)]).toEqual([seq, index]);
  expect(key).toBeLessThan(eventKey(seq + 1, 0));
});

test('the path of a stream names its circle and stream', () => {
  const path = '018f0000-0000-7000-8000-000000000002/018f0000-0000-7000-8000-000000000003';
  const { circle, stream } = parseStreamPath(path);
  expect(formatStreamPath(circle, stream)).toBe(path);
  expect(streamPathOf(streamAggregate(circle, stream))).toBe(path);
  expect(streamPathOf(circleAggregate(circle))).toBeUndefined();
});
