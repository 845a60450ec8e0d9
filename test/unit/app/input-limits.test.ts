import { expect, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { check } from '../../../src/app/validation.ts';
import { nameAggregate } from '../../../src/events/aggregate.ts';
import { uuid7 } from '../../../src/events/ids.ts';
import { caller, edgeStage } from '../../support/fixtures/edge-stage.ts';
import { executorAlone } from '../../support/fixtures/server-routes.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const [circle, id] = [numbered(100), numbered(200)];
const s = `${circle}/${circle}`;
const visibility = 'public';
const long = (length: number) => '\u{1F600}'.repeat(length);
const url = (length: number) => 'https://example.org/'.padEnd(length, 'a');
const day = 86_400_000;

/** Of each field: the operation, what it needs besides, and what just fits and what just does not. */
const edges: readonly (readonly [
  op: string,
  field: string,
  needs: object,
  fitting: readonly unknown[],
  unfitting: readonly unknown[],
])[] = [
  ['create-circle', 'name', { id, visibility }, [long(2), long(100)], [long(1), long(101)]],
  ['create-circle', 'about', { id, name: 'Tea', visibility }, ['', long(1024)], [long(1025), null]],
  ['update-circle', 'name', { id }, [long(2), long(100)], [long(1), long(101), null]],
  ['update-circle', 'about', { id }, ['', long(1024), null], [long(1025)]],
  ['create-stream', 'name', { circle, id }, [long(1), long(100)], ['', ' ', long(101)]],
  ['create-stream', 'topic', { circle, id, name: 'x' }, ['', long(1024)], [long(1025), null]],
  ['update-stream', 'name', { s }, [long(1), long(100)], ['', long(101), null]],
  ['update-stream', 'topic', { s }, ['', long(1024), null], [long(1025)]],
  ['post-message', 'text', { s, id }, [long(1), long(4000)], ['', long(4001)]],
  ['edit-message', 'text', { s, id }, [long(1), long(4000)], ['', long(4001)]],
  ['update-profile', 'displayName', {}, [long(1), long(100), null], ['', ' ', long(101)]],
  ['update-profile', 'about', {}, ['', long(1024), null], [long(1025)]],
  ['update-profile', 'avatar', {}, [url(1024), null], ['', url(1025)]],
  ['set-member-data', 'nickname', { circle }, [long(1), long(100), null], ['', long(101)]],
  ['set-member-data', 'avatar', { circle }, [url(1024), null], ['', url(1025)]],
  ['set-member-data', 'data', { circle }, [long(1023), null], [`${long(1023)}aaa`]],
  ['create-invite', 'maxUses', { circle }, [0, 1, 1000], [-1, 1001, 0.5, '1', null]],
  ['create-invite', 'expiresIn', { circle }, [0, 1, 366 * day], [-1, 366 * day + 1, 0.5, null]],
  ['join-circle', 'invite', { circle }, ['a', 'a'.repeat(128)], ['', 'a'.repeat(129), null]],
  ['mark-read', 'm', { s }, [0, Number.MAX_SAFE_INTEGER], [-1, 2 ** 53, 0.5, '1', null]],
  // 28 bytes; 35.
  ['react', 'emoji', { s, id }, ['👍', '👩🏽‍❤️‍👨🏿'], ['👨🏻‍❤️‍💋‍👨🏼', 'a']],
  ['unreact', 'emoji', { s, id }, ['', 'a'.repeat(32)], ['a'.repeat(33), null]],
];

test.for(edges)(
  '%s takes %s from its least to its most and nothing beyond [H6]',
  ([op, field, needs, valid, invalid]) => {
    const executor = executorAlone();
    const { violation } = check(executor.schemaOf(op));
    const fieldOf = (value: unknown): unknown => violation({ ...needs, [field]: value })?.field;
    expect(valid.map(fieldOf)).toEqual(valid.map(() => undefined));
    expect(invalid.map(fieldOf)).toEqual(invalid.map(() => field));
  },
);

test('of 51 members who are named 50 are mentioned, in the order of the text [H5]', async () => {
  const { log, send, found, barrier } = await edgeStage();
  const general = await found();
  const crowd = Array.from({ length: limits.mentionsMax + 1 }, (_, index) => caller(index + 1000));
  for (const [index, by] of crowd.entries()) {
    log.record(nameAggregate(`p${index}`), [stamped('name-claimed', { user: by.user })]);
    await send({ op: 'join-circle', input: { circle }, by });
  }
  for (const { seen } of crowd) await barrier.waitForSession(seen);
  const text = crowd.map((_, index) => `@p${index}`).join(' ');
  const message = uuid7();
  await send({ op: 'post-message', input: { s: general, id: message, text } });
  const named = crowd.map(({ user }) => user);
  const edited = await send({ op: 'edit-message', input: { s: general, id: message, text } });
  expect(edited).toMatchObject({
    body: { message: { mentions: named.slice(0, limits.mentionsMax) } },
  });
});

test('the code of an invite has ten characters or more, with a key and without', async () => {
  const { send, found, key } = await edgeStage();
  await found();
  for (const keyed of [{}, { key: key() }]) {
    const answer = await send({ op: 'create-invite', input: { circle }, ...keyed });
    const { invite } = (answer as { body: { invite: { code: string; expiresAt: number } } }).body;
    expect(invite.code).toMatch(/^[\w-]{10,}$/);
  }
});
