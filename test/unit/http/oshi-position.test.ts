import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import type { SessionId, UserId } from '../../../src/events/ids.ts';
import type { Position } from '../../../src/events/position.ts';
import { createAuthentication } from '../../../src/http/authentication.ts';
import { numbered } from '../../support/generators/chatter.ts';

const stage = ({ applied, head }: { applied: number; head: number }) => {
  const caller = {
    ...{ user: numbered(1) as UserId, session: numbered(2) as SessionId, createdAt: 0 },
    seen: [] as number[],
  };
  const shown: Position[] = [];
  const { reader } = createAuthentication({
    sessions: { authenticate: async () => caller },
    barrier: {
      applied: () => applied,
      waitUntilApplied: async (position) => void shown.push(position),
      waitForSession: async () => undefined,
    },
    requestReads: { begin: async () => undefined, turnOf: () => undefined } as never,
    log: { info: { incarnation: 'x', partitions: 2 }, head: async () => head },
    secret: { madeAt: 0, sign: () => '' },
    now: () => 0,
  });
  const read = (position: string) => {
    const headers = { authorization: 'Bearer x', 'oshi-position': position };
    return reader({ headers, cookies: {} } as unknown as FastifyRequest);
  };
  return { caller, shown, read };
};

test('a position that the log has and the read models have not is waited for [W18]', async () => {
  const { shown, read } = stage({ applied: 5, head: 9 });
  await read('1:9');
  expect(shown).toEqual([{ partition: 1, seq: 9 }]);
});

test('a position that is applied waits for nothing', async () => {
  const { shown, read } = stage({ applied: 5, head: 5 });
  await read('1:5');
  expect(shown).toEqual([]);
});

test.for(['1:10', '1:9999999999999999', '2:1', 'x'])(
  '%s, which this log has not come to, is refused, and nothing of it is kept [W18]',
  async (position) => {
    const { caller, shown, read } = stage({ applied: 5, head: 9 });
    await expect(read(position)).rejects.toMatchObject({
      problem: { code: 'bad-request', field: 'Oshi-Position' },
    });
    expect([caller.seen, shown]).toEqual([[], []]);
  },
);
