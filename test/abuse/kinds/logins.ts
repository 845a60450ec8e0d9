import { addressOf } from '../../support/fixtures/raw-socket.ts';
import { call, password } from '../../support/fixtures/server-people.ts';
import type { Attack, Kind } from './kind.ts';

type Try = { readonly path: string; readonly from: string; readonly body: object };

/** Asks on many lanes at once; gives how often each status came. */
const asking = async (
  { url, until }: Attack,
  next: (index: number) => Try,
): Promise<ReadonlyMap<number, number>> => {
  const statuses = new Map<number, number>();
  let index = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const { path, from, body } = next(index++);
      const headers = { 'x-forwarded-for': from };
      const answer = await call(url, `POST ${path}`, { body, headers }).catch(() => undefined);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 30 }, lane));
  return statuses;
};

const did = (what: string, statuses: ReadonlyMap<number, number>) => ({
  did: `${what}: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
});

const six = (index: number): string => `2001:db8::${(index & 0xffff).toString(16)}`;

const logins =
  (fromOf: (index: number) => string, what: string): Kind =>
  async (attack) => {
    const wrong = { username: 'nobody', password: 'a wrong password' };
    const statuses = await asking(attack, (index) => ({
      path: '/v1/sessions',
      from: fromOf(index),
      body: { ...wrong, username: `nobody${attack.chance.under(1e9)}` },
    }));
    return did(what, statuses);
  };

const registrations: Kind = async (attack) =>
  did(
    'registrations from one /64',
    await asking(attack, (index) => ({
      path: '/v1/users',
      from: six(index),
      body: { username: `r${attack.chance.under(1e9)}x${index}`, password },
    })),
  );

export const loginKinds = {
  'logins-one': logins(() => '10.66.0.1', 'wrong passwords from one address'),
  'logins-six': logins(six, 'wrong passwords from one /64'),
  'logins-many': logins(addressOf, 'wrong passwords from many addresses'),
  registrations,
} satisfies Record<string, Kind>;
