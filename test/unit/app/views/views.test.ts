import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { circleFor } from '../../../../src/app/views/circles.ts';
import { peopleOf } from '../../../../src/app/views/messages.ts';
import { unreadOf } from '../../../../src/app/views/unread.ts';
import type { MembershipRow } from '../../../../src/projections/models/memberships.ts';
import type { MessageView } from '../../../../src/projections/models/messages.ts';
import type { ReadModels } from '../../../../src/projections/read-models.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { numbered } from '../../../support/generators/chatter.ts';

test('whoever is removed while a circle is read is not shown what came after [W11]', async () => {
  const { models, send, found, circle, ada } = await edgeStage();
  await found();
  await send({ op: 'update-circle', input: { id: circle, visibility: 'private' } });
  let looks = 0;
  const get = async (...of: [string, string]) => {
    const row = await models.memberships.get(...of);
    return row && { ...row, active: looks++ === 0 };
  };
  const memberships = { ...models.memberships, get };
  expect(await circleFor({ ...models, memberships }, circle, ada.user)).toBeUndefined();
  expect(looks).toBe(2);
});

test('of thousands who are mentioned few are looked up at once, and no more than a frame holds', async () => {
  const asked: number[] = [];
  const getMany = async (ids: readonly string[]) => {
    asked.push(ids.length);
    return ids.map((id) => ({ id, username: id, displayName: 'x'.repeat(1000) }));
  };
  const users = { getMany };
  const models = { users, memberships: { getMany: async () => [] } } as unknown as ReadModels;
  const mentions = Array.from({ length: 5000 }, (_, index) => numbered(index + 2));
  const message = { by: numbered(1), mentions } as unknown as MessageView;
  const people = await peopleOf({ models, turn: settle }, 'circle/stream', [message]);
  expect(people[0]?.id).toBe(numbered(1));
  expect(asked).toEqual([1, 200, 200]);
});

test('streams that were deleted are not read, however many they are', async () => {
  const store = memoryStore();
  let rows = 0;
  const find: typeof store.find = async (...asked) => {
    const found = await store.find(...asked);
    if (asked[0].startsWith('streams')) rows += found.length;
    return found;
  };
  const { models, send, found, circle } = await edgeStage({ readStore: { ...store, find } });
  await found();
  for (let index = 200; index < 220; index++) {
    const id = numbered(index);
    await send({ op: 'create-stream', input: { circle, id, name: 'brief' } });
    await send({ op: 'delete-stream', input: { s: `${circle}/${id}` } });
  }
  await send({ op: 'update-circle', input: { id: circle, name: 'Coffee' } });
  rows = 0;
  expect(await models.streams.ofCircle(circle)).toHaveLength(1);
  expect(await models.streams.ofCircles([circle])).toHaveLength(1);
  expect(rows).toBe(2);
});

/** Somebody in many circles, of which those that `isOpen` says were not deleted. */
const manyCircles = (count: number, isOpen: boolean) => {
  const circles = Array.from({ length: count }, (_, index) => numbered(index + 1));
  const asked: number[] = [];
  const ofUser = async (_: string, { after = '', limit }: { after?: string; limit: number }) => {
    const rows = circles.filter((circle) => circle > after).slice(0, limit);
    return rows.map((circle) => ({ circle, joinedSeq: 1 }) as MembershipRow);
  };
  const getMany = async (ids: readonly string[]) =>
    new Map(isOpen ? ids.map((id) => [id, {}] as const) : []);
  const ofCircles = async (ids: readonly string[]) => {
    asked.push(ids.length);
    return [];
  };
  const models = { memberships: { ofUser }, circles: { getMany }, streams: { ofCircles } };
  return { models: models as unknown as ReadModels, asked };
};

test('a page of what is unread ends after many circles, and those that were deleted are not looked into', async () => {
  const { models, asked } = manyCircles(2500, false);
  const nexts: (string | undefined)[] = [];
  let next: string | undefined;
  do {
    next = (await unreadOf({ models, turn: settle }, 'ann', next)).next;
    nexts.push(next);
  } while (next !== undefined);
  const { unreadCirclesMax: most } = limits;
  expect(nexts).toEqual([numbered(most), numbered(2 * most), undefined]);
  expect(asked).toEqual([]);
});

test('the streams of few circles are read at once, so that others have their turn', async () => {
  const { models, asked } = manyCircles(50, true);
  expect(await unreadOf({ models, turn: settle }, 'ann')).toEqual({ streams: [] });
  expect(Math.max(...asked)).toBeLessThanOrEqual(4);
  expect(asked.reduce((sum, count) => sum + count)).toBe(50);
});

test('a circle with more topics than a frame holds is shown without them', async () => {
  const { models, found, circle, ada } = await edgeStage();
  await found();
  const [row] = await models.streams.ofCircle(circle);
  if (!row) throw new Error('there is no stream');
  const shown = async (length: number) => {
    const all = Array.from({ length }, () => ({ ...row, topic: '🐙'.repeat(1024) }));
    const streams = { ...models.streams, ofCircle: async () => all };
    return circleFor({ ...models, streams }, circle, ada.user);
  };
  expect((await shown(20))?.streams?.[19]?.topic).toBe('🐙'.repeat(1024));
  const large = await shown(500);
  expect(large?.streams).toHaveLength(500);
  expect(Buffer.byteLength(JSON.stringify(large))).toBeLessThan(limits.pageBytesMax);
});
