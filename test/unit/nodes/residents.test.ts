import { expect, test } from 'vitest';
import { Leader, residents } from '../../../src/nodes/residents.ts';
import { noSleep } from '../../support/doubles/no-sleep.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { gate } from '../../support/fixtures/runner-stage.ts';

const stage = () => {
  const events: string[] = [];
  const errors: string[] = [];
  const leader = new Leader(({ message }) => errors.push(message));
  const duty = (name: string) => () => {
    events.push(`${name} starts`);
    return () => void events.push(`${name} stops`);
  };
  return { leader, duty, events, errors };
};

test('duties are done while the first partition is assigned, not with any other', async () => {
  const { leader, duty, events, errors } = stage();
  leader.add(duty('a'));
  leader.add(duty('b'));
  leader.assign(1);
  await leader.started();
  expect(events).toEqual([]);
  leader.assign(0);
  leader.assign(0);
  await leader.started();
  expect(events).toEqual(['a starts', 'b starts']);
  leader.add(duty('c'));
  await leader.started();
  await leader.revoke(1);
  expect(events).toEqual(['a starts', 'b starts', 'c starts']);
  await leader.revoke(0);
  await leader.stop();
  expect(events.slice(3)).toEqual(['a stops', 'b stops', 'c stops']);
  expect(errors).toEqual([]);
});

test('another node does not wait until duties have stopped; this one does before it does them again', async () => {
  const { leader, events } = stage();
  const { opened, open } = gate();
  leader.add(() => {
    events.push('starts');
    return () => opened.then(() => events.push('stopped'));
  });
  leader.assign(0);
  await leader.started();
  await leader.revoke(0);
  leader.assign(0);
  await settle();
  expect(events).toEqual(['starts']);
  open();
  await leader.started();
  expect(events).toEqual(['starts', 'stopped', 'starts']);
});

test('a duty that cannot start is reported and retried, and keeps none of the others', async () => {
  const pauses = noSleep();
  const { leader, duty, events, errors } = stage();
  let failures = 2;
  leader.add(() => {
    if (failures-- > 0) throw new Error('not yet');
    return duty('late')();
  });
  leader.add(duty('other'));
  leader.assign(0);
  await leader.started();
  expect([events, errors.length]).toEqual([['other starts', 'late starts'], 2]);
  expect(pauses).toEqual([5000, 5000]);
  await leader.stop();
  expect(events.slice(2)).toEqual(['late stops', 'other stops']);
});

test('a partition is revoked when everything on its node has ended', async () => {
  const { opened, open } = gate();
  const assigned: number[] = [];
  const assign = (partition: number): unknown => assigned.push(partition);
  const all = residents([
    { assign, revoke: async () => undefined },
    { assign, revoke: () => opened },
  ]);
  all.assign(3);
  expect(assigned).toEqual([3, 3]);
  let isRevoked = false;
  const revoked = Promise.resolve(all.revoke(3)).then(() => {
    isRevoked = true;
  });
  await settle();
  expect(isRevoked).toBe(false);
  open();
  await revoked;
});
