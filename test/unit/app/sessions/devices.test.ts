import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { createDevices } from '../../../../src/app/sessions/devices.ts';
import { openServerSecret } from '../../../../src/app/sessions/server-secret.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { memoryVault } from '../../../contract/doubles/memory-vault.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const stage = async () => {
  const time = { ms: epochMs };
  const now = () => time.ms;
  return {
    time,
    devices: createDevices({ secret: await openServerSecret(memoryVault(), now), now }),
  };
};
const account = (user: number, password?: string) => ({
  ...{ user: numbered(user) as UserId, password },
});

test('a mark is good for one account, until its password changes or a year has passed', async () => {
  const { devices, time } = await stage();
  const mark = devices.mark(account(1));
  const id = devices.idOf(mark, account(1));
  expect(id).toMatch(/^[\w-]{16}$/);
  expect(devices.idOf(devices.mark(account(1)), account(1))).not.toBe(id);
  expect(devices.idOf(mark, account(2))).toBeUndefined();
  expect(devices.idOf(mark, account(1, 'another'))).toBeUndefined();
  time.ms += limits.deviceMs;
  expect(devices.idOf(mark, account(1))).toBe(id);
  time.ms += 1;
  expect(devices.idOf(mark, account(1))).toBeUndefined();
});

test('whatever is changed in a mark, it is none', async () => {
  const { devices } = await stage();
  const mark = devices.mark(account(1));
  const elsewhere = (await stage()).devices.mark(account(1));
  const changed = Array.from(mark, (old, index) => {
    const other = old === '1' ? '2' : '1';
    return mark.slice(0, index) + other + mark.slice(index + 1);
  });
  // The last character carries 4 bits that count and 2 that must be zero.
  for (const wrong of [...changed, elsewhere, '', `${mark}A`, ` ${mark}`, mark.slice(0, -1)]) {
    expect(devices.idOf(wrong, account(1)), wrong).toBeUndefined();
  }
  expect([devices.isMark(mark), devices.isMark('x'), devices.isMark(undefined)]).toEqual([
    ...[true, false, false],
  ]);
});
