import { expect } from 'vitest';
import {
  call,
  type HttpAnswer,
  makeCircle,
  password,
  register,
} from '../support/fixtures/server-people.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();

const registering = (url: string, username: string, invite?: string): Promise<HttpAnswer> =>
  call(url, 'POST /v1/users', { body: { username, password, ...(invite && { invite }) } });

it('with registration by invite there is an account for each use of an invite, and no more', async ({
  stage,
  url: open,
}) => {
  const ann = await register(open);
  const circle = await makeCircle(ann);
  const { body } = await ann.call(`POST /v1/circles/${circle}/invites`, { maxUses: 3 });
  const code = body.invite?.code ?? '';
  // Where it is not required it may be given.
  const first = await registering(open, 'first', code);
  expect(first.status).toBe(201);
  const { circles } = (await call(open, 'GET /v1/circles', { token: first.body.token })).body;
  expect(circles?.map(({ id }) => id)).toEqual([circle]);
  await (await stage.server()).stop();
  const settings = { OSHI_REGISTRATION: 'invite', OSHI_NAME: 'Garden Club' };
  const { url } = await stage.restart(settings);
  const { status, text } = await call(url, 'GET /v1/server');
  expect([status, JSON.parse(text)]).toEqual([
    200,
    expect.objectContaining({ name: 'Garden Club', registration: 'invite', login: ['password'] }),
  ]);

  expect((await registering(url, 'other')).body).toMatchObject({
    code: 'forbidden',
    field: 'invite',
  });
  for (const username of ['other', ann.username]) {
    const wrong = await registering(url, username, 'a'.repeat(16));
    expect([wrong.status, wrong.body.code]).toEqual([410, 'invite-invalid']);
  }
  expect((await registering(url, ann.username, code)).body.code).toBe('username-taken');

  const names = ['one', 'two', 'three', 'four', 'five', 'six'];
  const answers = await Promise.all(names.map((name) => registering(url, name, code)));
  const codes = answers.map((answer) => answer.body.code ?? answer.status).sort();
  expect(codes).toEqual([201, 201, ...Array.from({ length: 4 }, () => 'invite-invalid')]);
  const refused = names.filter((_, at) => answers[at]?.status !== 201);
  const members = (await ann.call(`GET /v1/circles/${circle}/members`)).body.members ?? [];
  expect(members).toHaveLength(4);

  // A refused username is free.
  const more = await ann.call(`POST /v1/circles/${circle}/invites`, {});
  const again = await registering(url, refused[0] ?? '', more.body.invite?.code);
  expect(again.status).toBe(201);

  await (await stage.server()).stop();
  const { url: closed } = await stage.restart({ OSHI_REGISTRATION: 'closed' });
  const last = await registering(closed, 'last', more.body.invite?.code);
  expect([last.status, last.body.code, last.body.field]).toEqual([403, 'forbidden', undefined]);
  expect((await call(closed, 'GET /v1/me', { token: ann.token })).status).toBe(200);
});
