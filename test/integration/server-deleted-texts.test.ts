import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();

const secret = 'said and taken back';

/** Says something, edits it, deletes it, and says something else. */
const sayAndDelete = async (person: Person, circle: string): Promise<string> => {
  const id = uuid7();
  const path = `${messagesOf(circle)}/${id}`;
  await person.call(`PUT ${path}`, { text: `${secret} at first` });
  await person.call(`PATCH ${path}`, { text: `${secret} then` });
  expect((await person.call(`DELETE ${path}`)).status).toBeLessThan(300);
  await person.call(`PUT ${messagesOf(circle)}/${uuid7()}`, { text: 'what stays' });
  return id;
};

/** More messages than memory keeps events of a stream. */
const postMany = (socket: TestSocket, s: string) =>
  Promise.all(
    Array.from({ length: 300 }, (_, more) =>
      socket.command('post-message', { s, id: uuid7(), text: `${more}` }),
    ),
  );

/** The events that somebody is sent who follows a stream after its first one. */
const heardBy = async (url: string, person: Person, s: string) => {
  const socket = await TestSocket.greet(url, person);
  const epoch = socket.frames.find(({ d }) => d?.epoch)?.d?.epoch;
  expect(await socket.ask({ t: 'sub', s, after: 1, epoch })).toMatchObject({ t: 'ok' });
  await socket.until(({ t }) => t === 'live');
  const events = socket.frames.flatMap(({ e = [] }) => e);
  socket.close();
  return { events, all: JSON.stringify(socket.frames) };
};

it('a text that was deleted is sent to nobody any more, on no way [H4]', async ({ url, stage }) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann);
  const s = `${circle}/${circle}`;
  // Somebody follows, so that the newest events are in memory.
  const present = await TestSocket.greet(url, ann);
  await present.ask({ t: 'sub', s, last: 0 });
  const id = await sayAndDelete(ann, circle);
  await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
  const expected = [
    ['message-posted', { id, m: 1, gone: true }],
    ['message-edited', { id, gone: true }],
    ['message-deleted', { id }],
    ['message-posted', expect.objectContaining({ m: 2, text: 'what stays' })],
  ];
  const fromMemory = await heardBy(url, ben, s);
  expect(fromMemory.events.map(({ k, d }) => [k, d])).toEqual(expected);
  expect(fromMemory.events.map(({ n }) => n)).toEqual([2, 3, 4, 5]);
  // More than memory holds: what is before comes from the log, the deletion too.
  await postMany(present, s);
  const fromBoth = await heardBy(url, ben, s);
  expect(fromBoth.events.slice(0, 4).map(({ k, d }) => [k, d])).toEqual(expected);
  expect(fromBoth.events).toHaveLength(304);
  present.close();
  await (await stage.server()).kill();
  const restarted = await stage.restart();
  const cat = await register(restarted.url, 'cat');
  await cat.call(`PUT /v1/circles/${circle}/members/me`, {});
  const fromLog = await heardBy(restarted.url, cat, s);
  expect(fromLog.events.slice(0, 4).map(({ k, d }) => [k, d])).toEqual(expected);
  for (const { all } of [fromMemory, fromBoth, fromLog]) expect(all).not.toContain(secret);
});

it('a deletion in memory covers what comes from the log [H4]', async ({ url }) => {
  const ann = await register(url, 'ann');
  const circle = await makeCircle(ann);
  const s = `${circle}/${circle}`;
  const id = uuid7();
  await ann.call(`PUT ${messagesOf(circle)}/${id}`, { text: secret });
  const present = await TestSocket.greet(url, ann);
  await present.ask({ t: 'sub', s, last: 0 });
  await postMany(present, s);
  await ann.call(`DELETE ${messagesOf(circle)}/${id}`);
  const { events, all } = await heardBy(url, ann, s);
  expect(events[0]?.d).toEqual({ id, m: 1, gone: true });
  expect(all).not.toContain(secret);
  present.close();
});
