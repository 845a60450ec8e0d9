import { expect, test } from 'vitest';
import { eventFamily, namesOf } from '../../../../../src/engine/cluster/jetstream-log/family.ts';
import {
  dangersOf,
  identityOf,
  repairOf,
  type Settings,
  settingsOf,
} from '../../../../../src/engine/cluster/jetstream-log/stream-settings.ts';

const identity = { incarnation: 'a-uuid', partition: 1, partitions: 2 };
const [, second] = namesOf(eventFamily, 2).partitions;
if (!second) throw new Error('no second partition');
const wanted = settingsOf(second, identity, {});
const changed = (change: Record<string, unknown>): Settings =>
  ({ ...wanted, ...change }) as Settings;

test('a new stream keeps everything for ever and says to which log it belongs', () => {
  expect(wanted).toMatchObject({
    ...{ name: 'OSHI_EV_1', subjects: ['oshi.ev.1.>'], storage: 'file', retention: 'limits' },
    ...{ discard: 'new', max_age: 0, max_msgs: -1, max_msgs_per_subject: -1, max_bytes: -1 },
    ...{ allow_atomic: true, allow_direct: true, duplicate_window: 20e9 },
    republish: { src: 'oshi.ev.1.>', dest: 'oshi.live.1.>' },
  });
  expect(identityOf(wanted.description)).toEqual(identity);
  expect(identityOf('something else')).toBeUndefined();
  expect(identityOf(undefined)).toBeUndefined();
});

test('a stream as it was made is no danger, whatever an older server leaves out', () => {
  expect(dangersOf(wanted, wanted)).toEqual([]);
  const { allow_atomic: _, ...old } = wanted;
  expect(dangersOf(old, wanted)).toEqual([]);
  expect(repairOf(old, wanted, false)).toBeUndefined();
  expect(repairOf(old, wanted, true)).toMatchObject({ allow_atomic: true });
});

test.each([
  [{ storage: 'memory' }, 'storage is memory, not file'],
  [{ retention: 'workqueue' }, 'retention is workqueue, not limits'],
  [{ max_age: 5 }, 'max_age is 5, not 0'],
  [{ max_msgs: 10 }, 'max_msgs is 10, not -1'],
  [{ max_msgs_per_subject: 1 }, 'max_msgs_per_subject is 1, not -1'],
  [{ max_bytes: 10, discard: 'old' }, 'discard is old, not new'],
  [{ no_ack: true }, 'no_ack is true, not false'],
  [{ sealed: true }, 'sealed is true, not false'],
  [{ mirror: { name: 'X' } }, 'it is a mirror'],
  [{ sources: [{ name: 'X' }] }, 'it has sources'],
  [{ persist_mode: 'async' }, 'persist_mode is async'],
  [{ subjects: ['a.>', 'b.>'] }, 'subjects is a.>,b.>, not oshi.ev.1.>'],
])('%j is a danger', (change, danger) => {
  expect(dangersOf(changed(change), wanted)).toEqual([danger]);
});

test('a log that forgets is made to, and must forget after the same time', () => {
  const forgetful = settingsOf(second, identity, { retentionMs: 1_000 });
  expect(forgetful.max_age).toBe(1e9);
  expect(dangersOf(forgetful, forgetful)).toEqual([]);
  expect(dangersOf(wanted, forgetful)).toEqual(['max_age is 0, not 1000000000']);
});

test('what may be repaired is repaired, and nothing else is touched', () => {
  expect(repairOf(wanted, wanted, true)).toBeUndefined();
  for (const change of [
    { allow_direct: false },
    { duplicate_window: 1 },
    { republish: undefined },
    { republish: { ...wanted.republish, headers_only: true } },
  ]) {
    const have = changed({ ...change, max_bytes: 77, num_replicas: 3 });
    const repaired = repairOf(have, wanted, true);
    expect(repaired).toEqual({ ...wanted, max_bytes: 77, num_replicas: 3 });
  }
});
