import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { Refused } from '../../../../src/app/refusals.ts';
import type { Caller } from '../../../../src/app/sessions/sessions.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { closes } from '../../../../src/http/socket/close-codes.ts';
import type { Connection } from '../../../../src/http/socket/connection.ts';
import { createGreeter, type GreeterOptions } from '../../../../src/http/socket/greeter.ts';
import { caller } from '../../../support/fixtures/edge-stage.ts';

const ada = caller(1);
const hello = { t: 'hello', id: '1', v: 1, token: 'a' } as const;

/** A greeter that knows Ada by what `authenticate` says, and her profile from her actor. */
const stage = (authenticate: () => Promise<Caller | undefined>) => {
  const options = {
    sessions: { authenticate, isClosed: () => false },
    connections: { admit: () => undefined },
    live: { expect: async () => undefined, admit: () => undefined },
    actors: {
      profileOf: async (user: UserId) =>
        user === ada.user ? { username: 'ada', about: 'x' } : undefined,
    },
    ...{ epoch: 'e', textMax: 4000, now: () => 7 },
  } as unknown as GreeterOptions;
  const connection = { id: 'c', upgrade: {}, isOver: false } as unknown as Connection;
  return { greeter: createGreeter(options), connection };
};

test('hello takes the user from their actor, and needs no read model [W2]', async () => {
  const { greeter, connection } = stage(async () => ada);
  expect(await greeter.greet(connection, hello)).toMatchObject({
    caller: ada,
    d: {
      user: { id: ada.user, username: 'ada', displayName: 'ada', about: 'x' },
      ...{ epoch: 'e', now: 7, ping: limits.pingMs },
    },
  });
});

test('a session that cannot be checked for the moment closes with 4503, first or later [W15]', async () => {
  const away = stage(() => Promise.reject(new Refused('unavailable')));
  expect(await away.greeter.greet(away.connection, hello)).toBe(closes.away);
  away.connection.caller = ada;
  expect(await away.greeter.greet(away.connection, hello)).toBe(closes.away);
});

test('a token that is wrong closes with 4401, and a fault is no refusal [W1]', async () => {
  const wrong = stage(async () => undefined);
  expect(await wrong.greeter.greet(wrong.connection, hello)).toBe(closes.unauthenticated);
  const fault = stage(() => Promise.reject(new TypeError('a fault')));
  await expect(fault.greeter.greet(fault.connection, hello)).rejects.toThrow('a fault');
});
