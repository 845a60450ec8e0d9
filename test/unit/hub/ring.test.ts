import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { Ring } from '../../../src/hub/ring.ts';
import { posted, stamped } from '../../support/generators/chatter.ts';

const parameters = { seed: 20_261_128, numRuns: 60, verbose: 1 } as const;
const law = `ring, seed ${parameters.seed}`;

const fill = (
  ring: Ring,
  events: readonly LoggedEvent[],
  { perCommit = 1, takenAt = 0 } = {},
): Ring => {
  for (const event of events) {
    const n = ring.head + 1;
    const seq = 100 + Math.ceil(n / perCommit);
    ring.push({ n, seq, index: (n - 1) % perCommit, event }, takenAt);
  }
  return ring;
};

const messages = (count: number, text?: string): LoggedEvent[] =>
  Array.from({ length: count }, (_, id) => posted(id, text));

const numbers = (text: string): number[] =>
  (JSON.parse(`[${text}]`) as { n: number }[]).map(({ n }) => n);

test('an empty ring begins behind its head', () => {
  const ring = new Ring(7, 3);
  expect([ring.first, ring.head, ring.floorSeq]).toEqual([8, 7, 3]);
  expect(ring.after(7)).toEqual([]);
  expect(ring.json({ after: 7, upTo: 7, bytesAim: 100 }, 'members')).toEqual({ text: '', last: 7 });
});

test('it keeps the newest 256 events, and knows a place behind which all of them stand', () => {
  const ring = fill(new Ring(0, 100), messages(256));
  expect([ring.first, ring.head, ring.floorSeq]).toEqual([1, 256, 100]);
  fill(ring, messages(1000));
  expect([ring.first, ring.head, ring.floorSeq]).toEqual([1001, 1256, 1100]);
  expect(ring.after(1000).map(({ n }) => n)).toEqual(
    Array.from({ length: 256 }, (_, index) => 1001 + index),
  );
});

test('it keeps at most about 512 KiB', () => {
  const ring = fill(new Ring(0, 0), messages(200, 'x'.repeat(10_000)));
  expect(ring.head).toBe(200);
  const kept = ring.head - ring.first + 1;
  expect(kept).toBeGreaterThan(45);
  expect(kept * 10_000).toBeLessThanOrEqual(512 * 1024);
});

test('it lets go of what it has had for five minutes, whatever the times of the events', () => {
  const ring = new Ring(0, 0);
  for (const takenAt of [1000, 2000, 3000]) fill(ring, [posted(1)], { takenAt });
  ring.expire(302_000);
  expect([ring.first, ring.floorSeq]).toEqual([2, 101]);
  ring.expire(900_000);
  expect([ring.first, ring.head, ring.floorSeq]).toEqual([4, 3, 103]);
  fill(ring, [posted(1)], { takenAt: 900_000 });
  expect([ring.first, ring.head]).toEqual([4, 4]);
});

test('a place behind which all stands that was let go is right in the middle of a commit', () => {
  const ring = fill(new Ring(0, 0), messages(300), { perCommit: 50 });
  expect(ring.first).toBe(45);
  expect(ring.floorSeq).toBe(101);
});

it(`${law}: whatever is asked for from the ring comes whole, in order and in portions`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 600, size: 'max' }),
      fc.integer({ min: 1, max: 300_000 }),
      (begin, sizes, bytesAim) => {
        const ring = new Ring(begin, 0);
        fill(
          ring,
          sizes.map((size, id) => posted(id, 'x'.repeat(size))),
        );
        expect(ring.head).toBe(begin + sizes.length);
        const upTo = ring.first + Math.floor((ring.head - ring.first) / 2);
        const seen: number[] = [];
        for (let after = ring.first - 1; after < upTo; ) {
          const page = ring.json({ after, upTo, bytesAim }, 'members');
          seen.push(...numbers(page.text));
          expect(page.last).toBe(seen.at(-1));
          expect(page.text.length).toBeLessThan(bytesAim + 10_000);
          after = page.last;
        }
        expect(seen).toEqual(
          ring
            .after(ring.first - 1)
            .map(({ n }) => n)
            .filter((n) => n <= upTo),
        );
      },
    ),
    parameters,
  ));

test('the codes of invites are told to managers, not to members', () => {
  const guarded = [
    stamped('invite-created', { code: 'secret', maxUses: 3 }),
    stamped('member-joined', { user: stamped('circle-deleted', {}).by, invite: 'secret' }),
    stamped('invite-revoked', { code: 'secret' }),
  ];
  const ring = fill(new Ring(0, 0), guarded);
  const all = { after: 0, upTo: 3, bytesAim: 10_000 };
  expect(ring.json(all, 'managers').text.match(/secret/g)).toHaveLength(3);
  const { text } = ring.json(all, 'members');
  expect(text).not.toContain('secret');
  expect(JSON.parse(`[${text}]`)).toMatchObject([
    { n: 1, k: 'invite-created', d: { maxUses: 3 } },
    { n: 2, k: 'member-joined', d: { user: expect.any(String) } },
    { n: 3, k: 'invite-revoked', d: {} },
  ]);
});

test('what the log keeps for itself stays there: digests of sessions, numbers of other streams', () => {
  const id = stamped('circle-deleted', {}).by;
  const ring = fill(new Ring(0, 0), [
    {
      ...stamped('session-opened', { id, digest: 'secret', userAgent: 'secret' }),
      cmd: 'secret',
      sum: 'secret',
      conn: 'secret',
    },
    stamped('circle-joined', { circle: id, n: 77 }),
  ]);
  const { text } = ring.json({ after: 0, upTo: 2, bytesAim: 10_000 }, 'managers');
  expect(JSON.parse(`[${text}]`)).toEqual([
    { n: 1, at: expect.any(Number), by: id, k: 'session-opened', d: { id } },
    { n: 2, at: expect.any(Number), by: id, k: 'circle-joined', d: { circle: id } },
  ]);
});
