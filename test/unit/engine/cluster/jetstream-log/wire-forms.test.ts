import { describe, expect, test } from 'vitest';
import {
  connectionFamily,
  eventFamily,
  namesOf,
} from '../../../../../src/engine/cluster/jetstream-log/family.ts';
import { contradicts } from '../../../../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import {
  publishReplyOf,
  reasonOf,
} from '../../../../../src/engine/cluster/jetstream-log/publish-reply.ts';
import { deliveryOf } from '../../../../../src/engine/cluster/jetstream-log/pull.ts';
import { kvKeyOf } from '../../../../../src/engine/cluster/kv-vault.ts';
import { isAtLeast } from '../../../../../src/engine/cluster/server-version.ts';
import { userAggregate } from '../../../../../src/events/aggregate.ts';
import type { UserId } from '../../../../../src/events/ids.ts';

const user = userAggregate('u1' as UserId);

describe('the answer to a publish', () => {
  const read = (text: string) => publishReplyOf(Buffer.from(text));

  test('a stored message, a duplicate, a batch', () => {
    expect(read('{"stream":"S","seq":7}')).toEqual({ kind: 'stored', seq: 7, duplicate: false });
    expect(read('{"stream":"S","seq":7,"duplicate":true}')).toMatchObject({ duplicate: true });
    expect(read('{"stream":"S","seq":9,"batch":"b","count":3}')).toEqual({
      ...{ kind: 'stored', seq: 9, duplicate: false, batch: 'b', count: 3 },
    });
  });

  test('a refusal, whose meaning is in its code', () => {
    const reply = read('{"error":{"code":400,"err_code":10071,"description":"wrong: 5"},"seq":0}');
    expect(reply).toEqual({ kind: 'refused', code: 10071, text: 'wrong: 5' });
    expect([10071, 10164].map(reasonOf)).toEqual(['conflict', 'conflict']);
    expect([10002, 10023, 10028, 10047, 10077].map(reasonOf)).toEqual(Array(5).fill('full'));
    expect([0, 10054, 10074].map(reasonOf)).toEqual(Array(3).fill('unavailable'));
  });

  test('what is no answer is an error, not a success', () => {
    for (const text of ['', '{}', 'ok', '{"seq":0}', '{"seq":"7"}']) {
      expect(() => read(text)).toThrow();
    }
  });
});

test('a delivery is read from both forms of its subject, and from nothing else', () => {
  const expected = { seq: 12, count: 3, pending: 88 };
  expect(deliveryOf('$JS.ACK.S.c.1.12.3.1700000000000000000.88')).toEqual(expected);
  expect(deliveryOf('$JS.ACK.hub.acc.S.c.1.12.3.1700000000000000000.88')).toEqual(expected);
  expect(deliveryOf('$JS.ACK.hub.acc.S.c.1.12.3.1700000000000000000.88.x')).toEqual(expected);
  for (const other of ['', '_INBOX.a.b', '$JS.ACK.S.c.1.12.3', '$JS.API.S.c.1.12.3.4.5']) {
    expect(deliveryOf(other)).toBeUndefined();
  }
});

describe('names on the server', () => {
  test('of the log of all that happened, alone and behind a prefix', () => {
    const names = namesOf(eventFamily, 2);
    expect(names.partitions[1]).toEqual({
      ...{ stream: 'OSHI_EV_1', subjects: 'oshi.ev.1.', live: 'oshi.live.1.' },
    });
    const subject = names.subjectOf(user);
    expect(subject).toBe(`oshi.ev.${names.partitionOf(user)}.user.u1`);
    const { subjects = '' } = names.partitions[names.partitionOf(user)] ?? {};
    expect(names.aggregateOf(subject, subjects)).toBe(user);
    expect(namesOf(eventFamily, 1, 'mine').partitions[0]).toEqual({
      ...{ stream: 'mine_OSHI_EV_0', subjects: 'mine.oshi.ev.0.', live: 'mine.oshi.live.0.' },
    });
  });

  test('of the log of connections', () => {
    const names = namesOf(connectionFamily, 1);
    const connection = 'connection.u1' as typeof user;
    expect(names.partitions[0]?.stream).toBe('OSHI_CX');
    expect(names.subjectOf(connection)).toBe('oshi.cx.u1');
    expect(names.aggregateOf('oshi.cx.u1', 'oshi.cx.')).toBe(connection);
    expect(() => names.subjectOf(user)).toThrow('is not valid in OSHI_CX');
  });

  test('a name that is no subject is refused', () => {
    const { subjectOf } = namesOf(eventFamily, 1);
    for (const bad of ['name.*', 'name.>', 'name.', 'name.a b', 'name..a', 'name.a*']) {
      expect(() => subjectOf(bad as typeof user)).toThrow('is not valid in OSHI_EV');
    }
  });
});

test('a tail that says something else of a place that was seen is found', () => {
  const tail = { n: 3, hash: 'h', seq: 9 };
  expect(contradicts(undefined, tail)).toBe(false);
  expect(contradicts(tail, { ...tail })).toBe(false);
  expect(contradicts(tail, { ...tail, n: 4 })).toBe(true);
  expect(contradicts(tail, { ...tail, hash: 'g' })).toBe(true);
  expect(contradicts(tail, { n: 4, hash: 'g', seq: 10 })).toBe(false);
});

test('versions are compared by number', () => {
  expect(isAtLeast('2.12.1', '2.12.1')).toBe(true);
  expect(isAtLeast('2.12.0', '2.12.1')).toBe(false);
  expect(isAtLeast('2.9.10', '2.10.0')).toBe(false);
  expect(isAtLeast('v2.15.0-dev', '2.12.1')).toBe(true);
  expect(isAtLeast('3.0.0', '2.12.1')).toBe(true);
  expect(isAtLeast('2.10', '2.10.0')).toBe(true);
  expect(isAtLeast('', '2.9.0')).toBe(false);
  expect(isAtLeast('unknown', '2.9.0')).toBe(false);
});

test('keys of the vault keep apart as keys of NATS KV', () => {
  expect(kvKeyOf('password.01-a_b')).toBe('password.01-a_b');
  expect(kvKeyOf('.a..b.')).toBe('=2Ea=2E=2Eb=2E');
  expect(kvKeyOf('a=b*/>')).toBe('a=3Db=2A=2F=3E');
});
