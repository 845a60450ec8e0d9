import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodecError, decode, encode, hashOf, isKnown } from '../../../src/events/codec.ts';
import {
  type Commit,
  commitBytesMax,
  commitEventsMax,
  lastOf,
} from '../../../src/events/commit.ts';
import { schemaOf } from '../../../src/events/kinds/kinds.ts';
import { emptyTail } from '../../../src/events/log.ts';
import { goldenCommits } from '../../support/fixtures/golden.ts';
import { commitAfter, messages, posted } from '../../support/fixtures/log-fixtures.ts';

const golden = (['v1', 'v2', 'v3'] as const).flatMap(goldenCommits);

describe('the golden commits', () => {
  test.each(golden)('$hash of $aggregate is read as ever', ({ hash, bytes }) => {
    expect(hashOf(bytes)).toBe(hash);
    expect(decode(bytes).events.every(isKnown)).toBe(true);
  });

  test('are written as ever, if no event of theirs was lifted to a newer version', () => {
    for (const { bytes } of golden) {
      const commit = decode(bytes);
      const written: { e: { k: string; v: number }[] } = JSON.parse(bytes.toString());
      const lifted = commit.events.some(
        ({ k, v }, index) => k !== written.e[index]?.k || v !== written.e[index]?.v,
      );
      if (!lifted) expect(encode(commit).toString()).toBe(bytes.toString());
    }
  });

  test('are whole chains', () => {
    const tails = new Map<string, { n: number; hash: string }>();
    for (const { aggregate, hash, bytes } of golden) {
      const commit = decode(bytes);
      const before = tails.get(aggregate) ?? emptyTail;
      expect(commit).toMatchObject({ n: before.n + 1, prev: before.hash });
      tails.set(aggregate, { n: lastOf(commit), hash });
    }
    expect(tails.size).toBe(8);
  });

  test('hold every kind of event', () => {
    const kinds = golden.flatMap(({ bytes }) => decode(bytes).events.map(({ k }) => k));
    expect(new Set(kinds)).toEqual(new Set(Object.keys(schemaOf)));
  });
});

describe('encode', () => {
  test.each([
    ['no event', []],
    ['too many events', messages(commitEventsMax + 1)],
    ['too many bytes', [posted('x'.repeat(commitBytesMax))]],
    ['too many bytes in UTF-8', [posted('ü'.repeat(commitBytesMax / 2))]],
    ['data without what its kind needs', [{ ...posted(), d: {} }]],
    ['data with more than its kind has', [{ ...posted(), d: { ...posted().d, color: 'red' } }]],
  ])('refuses %s', (_, events) => {
    const commit = commitAfter(emptyTail, events as Commit['events']);
    expect(() => encode(commit)).toThrow(CodecError);
  });

  const seed = 20_260_703;
  test(`what was encoded is decoded to the same (seed ${seed})`, () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const event = fc.record({ text, at: fc.nat() }).map((one) => posted(one.text, one.at));
    const law = fc.property(
      fc.array(event, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (events, term) => {
        const commit = { ...commitAfter(emptyTail, events), term };
        const bytes = encode(commit);
        expect(decode(bytes)).toEqual(commit);
        expect(encode(decode(bytes))).toEqual(bytes);
      },
    );
    fc.assert(law, { seed, numRuns: 200 });
  });
});

describe('decode', () => {
  const fine = { v: 1, id: 'a', n: 1, prev: '', term: 1 };
  const moon = { k: 'moon-landed', v: 3, at: 1, by: 'b', d: { x: [1] } };
  const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

  test('passes on what it does not know', () => {
    const newer = { ...moon, k: 'message-posted', v: 2 };
    const { events } = decode(bytesOf({ ...fine, e: [moon, newer] }));
    expect(events).toEqual([moon, newer]);
    expect(events.map(isKnown)).toEqual([false, false]);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a commit', encode(commitAfter(emptyTail)).subarray(0, 100)],
    ['no object', bytesOf([])],
    ['another version of the envelope', bytesOf({ ...fine, v: 2, e: [moon] })],
    ['a number below one', bytesOf({ ...fine, n: 0, e: [moon] })],
    ['no event', bytesOf({ ...fine, e: [] })],
    ['an event without a time', bytesOf({ ...fine, e: [{ ...moon, at: undefined }] })],
    ['known data that does not fit', bytesOf({ ...fine, e: [{ ...posted(), d: { id: 1 } }] })],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(bytes)).toThrow(CodecError);
  });

  test('reads a part of a larger buffer', () => {
    const commit = commitAfter(emptyTail, messages(2));
    const bytes = encode(commit);
    const larger = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
    expect(decode(larger.subarray(6, 6 + bytes.length))).toEqual(commit);
  });
});
