import { expect, test } from 'vitest';
import type { OperationName } from '../../../../src/app/operations/executor.ts';
import { type SessionId, uuid7 } from '../../../../src/events/ids.ts';
import { caller, edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const [ada, ben, eve] = [caller(1), caller(2), caller(3)];
const circle = numbered(100);
const s = `${circle}/${circle}`;
const side = numbered(101);
const [old, older] = [
  { s, id: numbered(7) },
  { s, id: numbered(8) },
];
const emoji = '👍';

/** Requests that are made on what `furnished` has made, by Ada or the one named, in this order. */
type Requests = readonly { readonly input: object; readonly by?: typeof ada }[];

const of = (...inputs: object[]): Requests => inputs.map((input) => ({ input }));
const by = (who: typeof ada, ...inputs: object[]): Requests =>
  inputs.map((input) => ({ input, by: who }));

/** Of each operation what is refused while there is no space, and what is not. */
const requestsOf = (code: string): Record<OperationName, readonly [Requests, Requests]> => ({
  'update-profile': [
    of({ displayName: 'Ada L' }, { about: 'Mathematics', avatar: null }),
    of({ about: null, avatar: null, displayName: null }),
  ],
  'create-circle': [of({ id: numbered(200), name: 'Coffee', visibility: 'public' }), []],
  'update-circle': [
    of({ id: circle, name: 'Tee' }, { id: circle, about: 'Tea', visibility: 'private' }),
    of({ id: circle, visibility: 'private' }, { id: circle, about: null }),
  ],
  'join-circle': [by(eve, { circle }), []],
  'set-member-data': [
    of({ circle, nickname: 'A' }, { circle, data: { a: 1 } }),
    of({ circle, nickname: null, avatar: null, data: null }),
  ],
  'create-invite': [of({ circle }), []],
  'open-direct': [of({ user: ben.user }), []],
  'create-stream': [of({ circle, id: numbered(102), name: 'news' }), []],
  'update-stream': [
    of({ s: `${circle}/${side}`, topic: 'All sides' }, { s: `${circle}/${side}`, name: 'other' }),
    of({ s: `${circle}/${side}`, archived: true }, { s: `${circle}/${side}`, topic: null }),
  ],
  'post-message': [of({ s, id: numbered(9), text: 'new' }), []],
  'edit-message': [of({ ...old, text: 'changed' }), []],
  react: [of({ ...older, emoji }), []],
  pin: [of(older), []],
  unreact: [[], of({ ...old, emoji })],
  unpin: [[], of(old)],
  'mark-read': [[], of({ s, m: 1 })],
  'delete-message': [[], of(old)],
  'revoke-invite': [[], of({ circle, code })],
  'leave-circle': [[], by(ben, { circle })],
  'remove-member': [[], of({ circle, user: caller(4).user })],
  'delete-stream': [[], of({ s: `${circle}/${side}` })],
  'delete-circle': [[], of({ id: circle })],
});

const furnished = async () => {
  const disk = { isFull: false };
  const stage = await edgeStage({ isOutOfSpace: () => disk.isFull });
  const { send, actors, found } = stage;
  for (const [index, { user }] of [ada, ben, eve].entries()) {
    const session = { id: numbered(600 + index) as SessionId, token: `${index}` };
    const stamp = { by: user, at: stage.time.ms };
    await actors.askUser(user, { ...stamp, op: 'register', username: `u${index}`, session });
    await stage.store.put('users_v2', { _id: user, username: `u${index}` });
  }
  await found();
  for (const who of [ben, caller(4)]) await send({ op: 'join-circle', input: { circle }, by: who });
  await send({ op: 'create-stream', input: { circle, id: side, name: 'side', topic: 'Sides' } });
  for (const message of [old, older]) {
    await send({ op: 'post-message', input: { ...message, text: 'hi' } });
  }
  await send({ op: 'react', input: { ...old, emoji } });
  await send({ op: 'pin', input: old });
  const invited = await send({ op: 'create-invite', input: { circle } });
  const { code } = (invited as { body: { invite: { code: string } } }).body.invite;
  disk.isFull = true;
  return { ...stage, disk, code };
};

test('out of space every operation that adds content is refused and records nothing, and every other works', async () => {
  const { send, length, code } = await furnished();
  const requests = Object.entries(requestsOf(code));
  const before = await length();
  for (const [op, [content]] of requests) {
    for (const each of content) {
      expect(await send({ op, ...each }), op).toEqual({
        code: 'out-of-space',
        message: expect.any(String),
      });
    }
  }
  expect(await length()).toBe(before);
  for (const [op, [, upkeep]] of requests) {
    for (const each of upkeep) {
      expect(await send({ op, ...each }), op).toMatchObject({ created: expect.any(Boolean) });
    }
  }
  expect(await length()).toBeGreaterThan(before + 8);
});

test('out of space what was done before is answered as then, and what is not allowed as ever [W8] [H2]', async () => {
  const { send, disk, key } = await furnished();
  const again = { op: 'post-message', input: { ...old, text: 'hi' } };
  const first = await send(again);
  expect(first).toMatchObject({ created: false, body: { m: 1 } });
  expect(await send({ op: 'join-circle', input: { circle }, by: ben })).toMatchObject({
    body: { circle: { id: circle } },
  });
  expect(await send({ ...again, input: { ...again.input, id: uuid7() }, by: eve })).toMatchObject({
    code: 'forbidden',
  });
  const invite = { op: 'create-invite', input: { circle }, key: key() };
  const direct = { op: 'open-direct', input: { user: ben.user } };
  expect(await send(invite)).toMatchObject({ code: 'out-of-space' });
  disk.isFull = false;
  const [made, opened] = [await send(invite), await send(direct)];
  expect([made, opened]).toMatchObject([{ created: true }, { created: true }]);
  disk.isFull = true;
  expect(await send(invite)).toEqual(made);
  expect(await send(direct)).toEqual({ ...(opened as object), created: false });
});
