import { expect, it } from 'vitest';
import { clientStage } from '../../support/fixtures/client-stage.ts';

it('delivers signals and activity, and only sends signals while open [W17]', async () => {
  const heard: unknown[] = [];
  const note = (value: unknown) => heard.push(value);
  const { client, greet } = clientStage({ onSignal: note, onActivity: note });
  client.signal('c/s', 'typing');
  const socket = await greet();
  socket.taken();
  client.signal('me', 'presence', { status: 'idle' });
  expect(socket.taken()).toEqual([{ t: 'sig', s: 'me', k: 'presence', d: { status: 'idle' } }]);
  const signal = { t: 'sig', s: 'c/s', k: 'typing', by: 'u', ttl: 8_000 };
  const activity = { t: 'activity', s: 'c/s', m: 4, mention: true };
  socket.say(signal, activity);
  expect(heard).toEqual([signal, activity]);
});

it('sends typing immediately and then throttled, until the message is posted [W17]', async () => {
  const { client, time, greet } = clientStage();
  client.typing('c/s');
  const socket = await greet();
  const typed = () => socket.taken().filter(({ k }) => k === 'typing').length;
  socket.taken();
  client.typing('c/s');
  client.typing('c/s');
  client.typing('c/t');
  expect(typed()).toBe(2);
  await time.advance(4_000);
  client.typing('c/s');
  expect(typed()).toBe(1);
  const posting = client.post('c/s', 'there');
  posting.catch(() => {});
  client.typing('c/s');
  expect(typed()).toBe(1);
  client.close();
});

it('stays idle on the next connection, which would be online otherwise [W17]', async () => {
  const stage = clientStage();
  stage.client.presence('idle');
  const idle = { t: 'sig', s: 'me', k: 'presence', d: { status: 'idle' } };
  const first = await stage.greet();
  expect(first.taken()).toContainEqual(idle);
  expect((await stage.reconnect()).taken()).toEqual([idle]);
  stage.client.presence('online');
  expect((await stage.reconnect()).taken()).toEqual([]);
});
