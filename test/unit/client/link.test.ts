import { expect, it } from 'vitest';
import { settle, virtualTime } from '../../support/doubles/virtual-time.ts';
import { clientStage, welcome } from '../../support/fixtures/client-stage.ts';

it('sends hello first, to the address derived from the url [W1]', async () => {
  const { socket } = clientStage({ url: 'https://chat.example.org/base/' });
  await settle();
  expect(socket().url).toBe('wss://chat.example.org/base/v1/connect');
  expect(socket().protocols).toEqual(['oshi.v1']);
  socket().open();
  expect(socket().taken()).toEqual([{ t: 'hello', id: 'hello', v: 1, token: 'secret' }]);
});

it('is open with the data of the answer [W2]', async () => {
  const { client, states, greet } = clientStage();
  expect(client.state).toEqual({ state: 'connecting' });
  await greet();
  expect(client.state).toEqual({ state: 'open', ...welcome });
  expect(states).toHaveLength(1);
  expect(client.epoch).toBe('e1');
});

it("reads the server's clock", async () => {
  const { client, time, greet } = clientStage();
  await greet({ now: time.now() + 5_000 });
  await time.advance(100);
  expect(client.now()).toBe(time.now() + 5_000);
});

it.for([-3_600_000, 3_600_000])(
  'uses the clock of the server when its own is set by %d ms, and stays connected',
  async (ms) => {
    const { client, time, states, greet } = clientStage();
    await greet();
    const before = client.now();
    time.setWallClock(ms);
    await time.advance(20_000);
    expect(client.now()).toBe(before + 20_000);
    expect(states).toHaveLength(1);
    expect(client.state.state).toBe('open');
    client.close();
  },
);

it('logs in with a password once and reconnects with the token', async () => {
  const stage = clientStage({ token: undefined as never, username: 'ada', password: 'pw' });
  await stage.greet({ token: 'fresh' });
  expect(stage.socket().taken()).toMatchObject([{ username: 'ada', password: 'pw' }]);
  expect(stage.client.token).toBe('fresh');
  stage.socket().shut();
  await stage.time.advance(30_000);
  stage.socket().open();
  expect(stage.socket().taken()).toEqual([{ t: 'hello', id: 'hello', v: 1, token: 'fresh' }]);
});

it('falls back to the password when the token of its login has expired', async () => {
  const stage = clientStage({ token: undefined as never, username: 'ada', password: 'pw' });
  await stage.greet({ token: 'old' });
  stage.socket().shut(4401);
  await stage.time.advance(0);
  stage.socket().open();
  expect(stage.socket().taken()).toMatchObject([{ username: 'ada', password: 'pw' }]);
  stage.socket().shut(4401);
  expect(stage.client.state).toMatchObject({ state: 'closed', code: 4401 });
});

it('relies on the cookie without credentials', async () => {
  const { socket } = clientStage({ token: undefined as never });
  await settle();
  socket().open();
  expect(socket().taken()).toEqual([{ t: 'hello', id: 'hello', v: 1 }]);
});

it('answers a ping with its number [W12]', async () => {
  const { greet } = clientStage();
  const socket = await greet();
  socket.taken();
  socket.say({ t: 'ping', n: 7 });
  expect(socket.taken()).toEqual([{ t: 'pong', n: 7 }]);
});

it('abandons a connection that is silent for 1.5 pings and 5 s, and no other [W12]', async () => {
  const { client, time, sockets, greet } = clientStage();
  const socket = await greet({ ping: 10_000 });
  await time.advance(19_000);
  socket.say({ t: 'ping', n: 1 });
  await time.advance(19_999);
  expect(client.state.state).toBe('open');
  await time.advance(1);
  expect(client.state).toMatchObject({ state: 'waiting' });
  expect(socket.closedWith).toBe(1000);
  await time.advance(1_000);
  expect(sockets).toHaveLength(2);
});

it('aborts an unanswered attempt', async () => {
  const { client, time, socket } = clientStage();
  await settle();
  socket().open();
  await time.advance(14_999);
  expect(client.state.state).toBe('connecting');
  await time.advance(1);
  expect(client.state.state).toBe('waiting');
});

it('ignores an abandoned socket', async () => {
  const { client, time, greet } = clientStage();
  const old = await greet();
  await time.advance(60_000);
  old.say({ t: 'ok', id: 'hello', d: welcome });
  old.shut(4403);
  expect(client.state.state).toBe('connecting');
});

it.each([4400, 4401, 4403, 4406, 4408, 4409, 4413, 4499, 1002, 1003, 1007, 1009])(
  'does not reconnect after %i [W15]',
  async (code) => {
    const { client, time, sockets, greet } = clientStage();
    (await greet()).shut(code, 'no');
    expect(client.state).toEqual({ state: 'closed', code, reason: 'no' });
    await time.advance(100_000);
    expect(sockets).toHaveLength(1);
    expect(time.pending()).toBe(0);
  },
);

it.each([1000, 1001, 1005, 1006, 1011, 1012, 4500, 4503, 4508, 4510, 4529])(
  'reconnects after %i [W15]',
  async (code) => {
    const { client, time, sockets, greet } = clientStage();
    (await greet()).shut(code);
    expect(client.state).toMatchObject({ state: 'waiting', retryAt: time.now() + 250 });
    await time.advance(250);
    expect(sockets).toHaveLength(2);
  },
);

it('retries soon if retry is called during an attempt that fails', async () => {
  const { client, time, sockets, greet, socket } = clientStage();
  (await greet()).shut(1006);
  for (let failed = 0; failed < 6; failed++) {
    if (client.state.state === 'waiting') await time.advance(client.state.retryAt - time.now());
    if (failed < 5) socket().shut(1006);
  }
  expect(client.state.state).toBe('connecting');
  client.retry();
  socket().shut(1006);
  expect(client.state).toMatchObject({ state: 'waiting', retryAt: time.now() + 250 });
  expect(sockets).toHaveLength(7);
  client.close();
});

it('reconnects immediately on retry, and once', async () => {
  const { client, time, sockets, greet } = clientStage();
  const socket = await greet();
  client.retry();
  await settle();
  expect(sockets).toHaveLength(1);
  socket.shut(1006);
  client.retry();
  client.retry();
  await settle();
  expect(client.state.state).toBe('connecting');
  await time.advance(1_000);
  expect(sockets).toHaveLength(2);
});

it('waits for bye.after, and uses its code as the close code [W15]', async () => {
  const { client, time, sockets, greet } = clientStage();
  const socket = await greet();
  socket.say({ t: 'bye', code: 4503, reason: 'restart', after: 7_000 });
  socket.shut(1006);
  expect(client.state).toEqual({
    state: 'waiting',
    retryAt: time.now() + 7_000,
    reason: 'restart',
  });
  await time.advance(6_999);
  expect(sockets).toHaveLength(1);
  await time.advance(1);
  const next = await greet();
  next.say({ t: 'bye', code: 4409, reason: 'replaced', after: 0 });
  next.shut(1006);
  expect(client.state).toEqual({ state: 'closed', code: 4409, reason: 'replaced' });
});

it('uses exponential backoff with jitter, up to 30 s [W15]', async () => {
  const { client, time, socket } = clientStage(
    {},
    virtualTime(() => 0.999_999),
  );
  const waits: number[] = [];
  await settle();
  for (let i = 0; i < 9; i++) {
    socket().shut();
    const state = client.state;
    if (state.state !== 'waiting') throw new Error(`it is ${state.state}`);
    waits.push(Math.round(state.retryAt - time.now()));
    await time.advance(state.retryAt - time.now());
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('resets the backoff after a stable connection only', async () => {
  const { client, time, greet, socket } = clientStage(
    {},
    virtualTime(() => 0.999_999),
  );
  const waitAfter = async (openMs: number): Promise<number> => {
    await greet();
    await time.advance(openMs);
    socket().shut();
    const state = client.state;
    const wait = state.state === 'waiting' ? Math.round(state.retryAt - time.now()) : -1;
    await time.advance(wait + 1);
    return wait;
  };
  expect(await waitAfter(100)).toBe(500);
  expect(await waitAfter(100)).toBe(1_000);
  expect(await waitAfter(10_000)).toBe(500);
});

it('requests a new token when the old one is refused, once [W15]', async () => {
  const tokens = ['one', 'two', 'three'];
  const { client, time, socket, greet } = clientStage({ token: async () => tokens.shift() });
  await greet();
  expect(socket().taken()).toMatchObject([{ token: 'one' }]);
  socket().shut(4401);
  await time.advance(0);
  await greet();
  expect(socket().taken()).toMatchObject([{ token: 'two' }]);
  socket().shut(4401);
  await time.advance(0);
  socket().open();
  expect(socket().taken()).toMatchObject([{ token: 'three' }]);
  socket().shut(4401, 'expired');
  expect(client.state).toEqual({ state: 'closed', code: 4401, reason: 'expired' });
});

it('closes without a token, and retries if the token function fails', async () => {
  let failures = 1;
  const { client, time } = clientStage({
    token: async () => {
      if (failures-- > 0) throw new Error('offline');
      return undefined;
    },
  });
  await settle();
  expect(client.state).toMatchObject({ state: 'waiting', reason: 'Error: offline' });
  await time.advance(30_000);
  expect(client.state).toMatchObject({ state: 'closed', code: 4401 });
});

it('sends hello again after the retryAfter of an err', async () => {
  const { client, time, sockets, socket } = clientStage();
  await settle();
  socket().open();
  socket().say({
    t: 'err',
    id: 'hello',
    code: 'unavailable',
    message: 'later',
    retryAfter: 3_000,
  });
  expect(client.state).toMatchObject({ state: 'waiting', retryAt: time.now() + 3_000 });
  await time.advance(3_000);
  expect(sockets).toHaveLength(2);
});

it('ignores unknown and unreadable frames [W14]', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  socket.say('{', 'null', '7', '[]', { t: 'news' }, { x: 1 }, { t: 'ok' }, { t: 'err', code: 'x' });
  socket.say({ t: 'events', s: 'elsewhere', e: [] }, { t: 'ok', id: 'nobody asked' });
  expect(client.state.state).toBe('open');
});

it('closes at any time, without leaving timers', async () => {
  const moments = [
    async () => {},
    async (stage: ReturnType<typeof clientStage>) => void (await stage.greet()),
    async (stage: ReturnType<typeof clientStage>) => {
      await stage.greet();
      stage.socket().shut();
    },
  ];
  for (const moment of moments) {
    const stage = clientStage();
    await moment(stage);
    stage.client.close();
    stage.client.close();
    await stage.time.advance(100_000);
    expect(stage.states.at(-1)).toMatchObject({ state: 'closed', code: 1000 });
    expect(stage.states.filter(({ state }) => state === 'closed')).toHaveLength(1);
    expect(stage.sockets.length).toBeLessThan(2);
    expect(stage.time.pending()).toBe(0);
  }
});

it('can be closed by the listener of the open state', async () => {
  const stage = clientStage({
    onState: ({ state }) => {
      if (state === 'open') stage.client.close();
    },
  });
  await stage.greet();
  expect(stage.client.state.state).toBe('closed');
  expect(stage.time.pending()).toBe(0);
});
