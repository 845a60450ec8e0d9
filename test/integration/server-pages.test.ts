import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { until } from '../support/checkers/waiting.ts';
import { makeCircle, messagesOf, post, register } from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

it('pages of history are ascending and say what lies on both sides [H4]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  for (let m = 1; m <= 9; m++) await post(ann, circle, { text: `${m}` });
  const page = async (query: string) => {
    const { body } = await ann.call(`GET ${messagesOf(circle)}${query}`);
    const { messages = [], more } = body;
    return [messages.map(({ m }) => m), more?.before, more?.after];
  };
  expect(await page('')).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9], false, false]);
  expect(await page('?limit=2')).toEqual([[8, 9], true, false]);
  expect(await page('?before=4&limit=2')).toEqual([[2, 3], true, true]);
  expect(await page('?before=1')).toEqual([[], false, true]);
  expect(await page('?after=4&limit=2')).toEqual([[5, 6], true, true]);
  expect(await page('?after=9')).toEqual([[], true, false]);
  expect(await page('?after=0&limit=3')).toEqual([[1, 2, 3], false, true]);
  expect(await page('?around=5&limit=3')).toEqual([[4, 5, 6], true, true]);
  expect(await page('?around=1&limit=3')).toEqual([[1, 2, 3], false, true]);
  expect(await page('?around=9&limit=4')).toEqual([[6, 7, 8, 9], true, false]);
  const wrong = [
    'before=1&after=1',
    'limit=0',
    'limit=201',
    'before=-1',
    'before=x',
    'x=1',
    'limit=1&limit=2',
  ];
  for (const query of wrong) {
    const answer = await ann.call(`GET ${messagesOf(circle)}?${query}`);
    expect([query, answer.status, typeof answer.body.field]).toEqual([query, 400, 'string']);
  }
});

it('lists are paged by a cursor, whole and without doubles', async ({ url }) => {
  const ann = await register(url);
  const made = new Set<string>();
  for (let count = 0; count < 5; count++) made.add(await makeCircle(ann));
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await ann.call(`GET /v1/circles?limit=2${cursor}`);
    seen.push(...(body.circles ?? []).map(({ id }) => id));
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  expect(seen).toHaveLength(5);
  expect(new Set(seen)).toEqual(made);
});

it('users are found by id, by ids and by name in any case', async ({ url }) => {
  const [ann, ben] = [await register(url), await register(url, 'ben')];
  expect((await ann.call(`GET /v1/users/${ben.id}`)).body.user?.username).toBe(ben.username);
  const named = await ann.call(`GET /v1/users?username=${ben.username.toUpperCase()}`);
  expect(named.body.user?.id).toBe(ben.id);
  const listed = await ann.call(`GET /v1/users?ids=${ann.id},${ben.id},${uuid7()}`);
  expect(listed.body.users?.map(({ id }) => id).sort()).toEqual([ann.id, ben.id].sort());
  expect((await ann.call(`GET /v1/users/${uuid7()}`)).status).toBe(404);
  const many = Array.from({ length: 101 }, () => uuid7()).join(',');
  expect((await ann.call(`GET /v1/users?ids=${many}`)).body.field).toBe('ids');
  expect((await ann.call('GET /v1/users')).status).toBe(400);
});

it('invites let in whoever has one, as often and as long as they say [H1] [H3]', async ({
  url,
}) => {
  const [ann, ben, cleo] = [
    await register(url),
    await register(url, 'ben'),
    await register(url, 'cleo'),
  ];
  const circle = await makeCircle(ann, [], 'private');
  const path = `/v1/circles/${circle}`;
  const invite = (body: object) =>
    ann.call(`POST ${path}/invites`, body).then((answer) => answer.body.invite);
  const join = (person: typeof ann, code: string | undefined) =>
    person.call(`PUT ${path}/members/me`, { invite: code }).then(({ status }) => status);
  const once = await invite({ maxUses: 1 });
  expect(once).toMatchObject({ circle, by: ann.id, maxUses: 1, uses: 0 });
  expect(once?.code.length).toBeGreaterThanOrEqual(10);
  expect(await join(ben, 'nothing-like-it')).toBe(410);
  expect(await join(ben, once?.code)).toBe(201);
  expect(await join(ben, once?.code)).toBe(200);
  expect(await join(cleo, once?.code)).toBe(410);
  const brief = await invite({ expiresIn: 1 });
  await until(() => Date.now() > (brief?.expiresAt ?? 0), 'the end of the invite');
  expect(await join(cleo, brief?.code)).toBe(410);
  const revoked = await invite({});
  expect((await ann.call(`DELETE ${path}/invites/${revoked?.code}`)).status).toBe(204);
  expect(await join(cleo, revoked?.code)).toBe(410);
  const forEver = await invite({ expiresIn: 0, maxUses: 0 });
  expect(forEver).not.toHaveProperty('expiresAt');
  expect(await join(cleo, forEver?.code)).toBe(201);
});

it('deleting an invite that never was is not-found, one that is gone is done [H4]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const { body } = await ann.call(`POST /v1/circles/${circle}/invites`, {});
  const remove = (code = '') => ann.call(`DELETE /v1/circles/${circle}/invites/${code}`);
  expect((await remove(body.invite?.code)).status).toBe(204);
  expect((await remove(body.invite?.code)).status).toBe(204);
  expect((await remove('never-was-there')).status).toBe(404);
});
