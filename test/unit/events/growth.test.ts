import { describe, expect, test } from 'vitest';
import { userRules } from '../../../src/actors/user/rules.ts';
import { CodecError, decode, encode, isKnown } from '../../../src/events/codec.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { type EventIn, type EventKind, versionOf } from '../../../src/events/kinds/kinds.ts';
import { storedAs, upcasters } from '../../../src/events/upcasters.ts';
import { sessions } from '../../../src/projections/models/sessions.ts';
import { folded } from '../../support/fixtures/given.ts';
import { goldenCommits } from '../../support/fixtures/golden.ts';

const eventsIn = (version: 'v1' | 'v2') =>
  goldenCommits(version).flatMap(({ aggregate, bytes }) => {
    const written: { e: readonly LoggedEvent[] } = JSON.parse(bytes.toString());
    return decode(bytes).events.map((event, index) => ({
      ...{ aggregate, event },
      stored: written.e[index] as LoggedEvent,
    }));
  });
const old = eventsIn('v1');
const young = eventsIn('v2');

/** Events that stand in the log as this kind, as they are read and as they are stored. */
const storedWith = (events: typeof old, kind: EventKind) =>
  events.filter(({ stored }) => stored.k === kind);

describe('a field that was added', () => {
  test.each([
    ['password-changed', 'secret'],
    ['message-edited', 'm'],
    ['message-edited', 'unmentioned'],
    ['message-deleted', 'm'],
    ['reaction-removed', 'last'],
  ] as const)('%s without %s is read as it was written', (kind, field) => {
    const without = storedWith(old, kind).filter(({ stored }) => !(field in stored.d));
    expect(without.length).toBeGreaterThan(0);
    for (const { event, stored } of without) expect(event).toEqual(stored);
  });

  test('a password that was changed before hashes had names counts as that of the registration', () => {
    const ofUser = (events: typeof old) =>
      events
        .filter(({ aggregate }) => aggregate.startsWith('user.'))
        .map(({ event }) => event as EventIn<'user'>);
    expect(folded(userRules, ofUser(old)).secret).toBeUndefined();
    expect(folded(userRules, ofUser(young)).secret).toBe('018f0000-0000-7000-8000-000000000008');
  });

  test('events from before the session was noted say nothing of it', () => {
    expect(old.filter(({ event }) => 'ses' in event)).toEqual([]);
    expect(young.filter(({ event }) => 'ses' in event).length).toBeGreaterThan(0);
  });
});

describe('a field that was renamed', () => {
  test('the token of a session that was opened is the digest of it', () => {
    const opened = storedWith(old, 'session-opened');
    expect(opened.length).toBeGreaterThan(0);
    for (const { event, stored } of opened) {
      const { token, ...rest } = stored.d as { readonly token?: string };
      expect(event).toEqual({ ...stored, v: 2, d: { ...rest, digest: token } });
    }
    for (const { event, stored } of storedWith(young, 'session-opened')) {
      expect(event).toEqual(stored);
    }
  });

  test('a session of either version is found by the same field', () => {
    const digest = (events: typeof old) =>
      storedWith(events, 'session-opened').flatMap(({ event }) => {
        const writes = sessions.on['session-opened']?.(event as never, { id: 'u' } as never) ?? [];
        return writes.map((write) =>
          'insertOne' in write ? write.insertOne.document.token : write,
        );
      });
    expect(digest(old)).toEqual(['f'.repeat(43)]);
    expect(digest(young)).toEqual(['g'.repeat(43), 'h'.repeat(43)]);
  });
});

describe('a kind that was split', () => {
  test.each([
    [1000, 'connection-closed', 2],
    [4508, 'connection-ended', 1],
  ])('a connection that was closed with %i is %s', (code, k, v) => {
    const closed = storedWith(old, 'connection-closed').filter(
      ({ stored }) => (stored.d as { readonly code?: number }).code === code,
    );
    expect(closed.map(({ event }) => event)).toEqual(
      closed.map(({ stored }) => ({ ...stored, k, v })),
    );
    expect(closed).toHaveLength(1);
  });

  test('is still looked for where it was', () => {
    for (const { event, stored } of [...old, ...young]) {
      expect(storedAs(event.k)).toContain(stored.k);
    }
  });
});

test('every version before the newest has a lift, and none has two', () => {
  for (const [kind, steps] of Object.entries(upcasters)) {
    const versions = Array.from({ length: versionOf(kind as EventKind) - 1 }, (_, at) => at + 1);
    expect([kind, Object.keys(steps).map(Number)]).toEqual([kind, versions]);
  }
});

test('every event of an old version is known when it is read, and is written in its newest', () => {
  for (const { event } of old) {
    expect(isKnown(event)).toBe(true);
    const [again] = decode(encode({ id: 'c', n: 1, prev: '', term: 1, events: [event] })).events;
    expect(again).toEqual(event);
  }
});

test('old data that no version ever wrote is refused, not lifted', () => {
  const stamp = { at: 1, by: 'b' };
  const bytesOf = (event: object) =>
    Buffer.from(JSON.stringify({ v: 1, id: 'a', n: 1, prev: '', term: 1, e: [event] }));
  for (const event of [
    { k: 'session-opened', v: 1, ...stamp, d: { id: 'x'.repeat(36) } },
    { k: 'connection-closed', v: 1, ...stamp, d: {} },
  ]) {
    expect(() => decode(bytesOf(event))).toThrow(CodecError);
  }
});
