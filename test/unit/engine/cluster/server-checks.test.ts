import { expect, test } from 'vitest';
import { checkClock, checkProtection } from '../../../../src/engine/cluster/server-checks.ts';
import { wallClock } from '../../../../src/runtime/clock.ts';

const statuses = (isLocal: boolean, hasTls: boolean, login?: string): string[] =>
  checkProtection({ server: 'NATS', isLocal, hasTls, login }).map(({ status }) => status);

test('a server on another machine needs TLS and a login, one on this machine does not', () => {
  expect(statuses(true, false)).toEqual(['ok', 'ok']);
  expect(statuses(false, true, 'token')).toEqual(['ok', 'ok']);
  expect(statuses(false, false, 'token')).toEqual(['warning', 'ok']);
  expect(statuses(false, true)).toEqual(['ok', 'warning']);
});

test.for([
  [0, 'ok', /^this machine is 0\.0 s /],
  [-10_000, 'warning', /^this machine is 10\.0 s ahead$/],
  [10_000, 'warning', /^this machine is (10\.0|9\.9) s behind$/],
] as const)(
  'a clock of a server that differs by %i ms: %s',
  async ([difference, status, found]) => {
    const check = await checkClock('NATS', async () => wallClock() + difference);
    expect(check).toMatchObject({ status, found: expect.stringMatching(found) });
  },
);

test('a server that reports no time is no error', async () => {
  for (const ask of [async () => undefined, () => Promise.reject(new Error('no answer'))]) {
    expect(await checkClock('NATS', ask)).toMatchObject({ status: 'ok' });
  }
});
