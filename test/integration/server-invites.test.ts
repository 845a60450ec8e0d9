import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import {
  everybodySees,
  makeCircle,
  type Person,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const inviteTo = async (owner: Person, circle: string, body: object = {}) => {
  const {
    status,
    text,
    body: answer,
  } = await owner.call(`POST /v1/circles/${circle}/invites`, body);
  if (status !== 201 || !answer.invite) throw new Error(`inviting: ${status} ${text}`);
  return answer.invite;
};

const join = (person: Person, circle: string, invite: string) =>
  person.call(`PUT /v1/circles/${circle}/members/me`, { invite });

it('of fifty people at once exactly one gets in by the last use of an invite [H1]', async ({
  url,
}) => {
  const crowd: Person[] = [];
  // Hashing passwords takes all of the processor: not everybody's at once.
  while (crowd.length < 52) crowd.push(...(await registerAll(url, ['a', 'b', 'c', 'd'])));
  const [ann, first] = crowd.splice(0, 2) as [Person, Person];
  const circle = await makeCircle(ann, [], 'private');
  const { code } = await inviteTo(ann, circle, { maxUses: 2 });
  expect((await join(first, circle, code)).status).toBe(201);
  const answers = await Promise.all(crowd.map((person) => join(person, circle, code)));
  const tally = answers.map(({ status, body }) => `${status} ${body.code ?? 'in'}`).sort();
  expect(tally).toEqual(['201 in', ...Array(49).fill('410 invite-invalid')]);
  const { body } = await ann.call(`GET /v1/circles/${circle}/members?limit=200`);
  expect(body.members).toHaveLength(3);
  const listed = await ann.call(`GET /v1/circles/${circle}/invites`);
  expect(listed.body.invites).toMatchObject([{ code, uses: 2, maxUses: 2 }]);
});

it('the owner lists invites that last, the newest first, page by page [H3]', async ({ url }) => {
  const [ann, ben, eve] = (await registerAll(url, ['a', 'b', 'e'])) as [Person, Person, Person];
  const circle = await makeCircle(ann, [ben]);
  const path = `/v1/circles/${circle}/invites`;
  expect((await ann.call(`GET ${path}`)).body).toEqual({ invites: [] });
  const made = [];
  for (let count = 0; count < 5; count++) made.push(await inviteTo(ann, circle, { maxUses: 9 }));
  const brief = await inviteTo(ann, circle, { expiresIn: 1 });
  const gone = await inviteTo(ann, circle);
  await ann.call(`DELETE ${path}/${gone.code}`);
  await until(() => Date.now() > (brief.expiresAt ?? 0), 'the end of the invite');
  const pages: object[][] = [];
  let cursor = '';
  do {
    const { body } = await ann.call(`GET ${path}?limit=2${cursor}`);
    pages.push(body.invites ?? []);
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  expect(pages.flat()).toEqual(made.reverse());
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect((await ben.call(`GET ${path}`)).body.code).toBe('forbidden');
  expect((await eve.call(`GET ${path}`)).body.code).toBe('forbidden');
});

it('whoever has an invite sees where it leads, and one that does not fit is invite-invalid', async ({
  url,
}) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [], 'private');
  await ann.call(`PATCH /v1/circles/${circle}`, { about: 'leaves' });
  const invite = await inviteTo(ann, circle, { maxUses: 1 });
  const forEver = await inviteTo(ann, circle, { expiresIn: 0 });
  await everybodySees(ann);
  const preview = { id: circle, name: 'Tea', about: 'leaves', members: 1 };
  const seen = await ben.call(`GET /v1/invites/${invite.code}`);
  expect(seen.body).toEqual({ circle: preview, expiresAt: invite.expiresAt });
  expect((await ben.call(`GET /v1/invites/${forEver.code}`)).body).toEqual({ circle: preview });
  const invalid = async (code: string) => {
    await everybodySees(ann);
    const { status, body } = await ben.call(`GET /v1/invites/${code}`);
    expect([code, status, body.code]).toEqual([code, 410, 'invite-invalid']);
  };
  await invalid('never-was-there');
  await invalid(encodeURIComponent('\u0000'));
  await invalid('é'.repeat(80));
  const brief = await inviteTo(ann, circle, { expiresIn: 1 });
  await until(() => Date.now() > (brief.expiresAt ?? 0), 'the end of the invite');
  await invalid(brief.code);
  await join(ben, circle, invite.code);
  await invalid(invite.code);
  const revoked = await inviteTo(ann, circle);
  await ann.call(`DELETE /v1/circles/${circle}/invites/${revoked.code}`);
  await invalid(revoked.code);
  await ann.call(`DELETE /v1/circles/${circle}`);
  await invalid(forEver.code);
});

it('an invite of another circle is none of this one, and a repeat makes no second [W8]', async ({
  url,
}) => {
  const ann = await register(url);
  const [one, other] = [await makeCircle(ann), await makeCircle(ann)];
  const { code } = await inviteTo(ann, one);
  const remove = await ann.call(`DELETE /v1/circles/${other}/invites/${code}`);
  expect(remove.status).toBe(404);
  expect((await ann.call(`GET /v1/invites/${code}`)).status).toBe(200);
});
