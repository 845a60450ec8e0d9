import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Nodes, PlacementTable } from '../../src/engine/nodes.ts';

/** Two nodes of one cluster, in which nothing is stored yet. */
export type OpenedNodes = {
  readonly nodes: readonly [Nodes, Nodes];
  dispose(): Promise<void>;
};

const table = (owner: string): PlacementTable => ({
  partitions: [{ owner, term: 1 }],
  nodes: { [owner]: { id: owner, host: 'here', pid: 1, since: 0 } },
});

/** What the ports between nodes promise. `open` is called for each test. */
export const nodesContract = (name: string, open: () => Promise<OpenedNodes>): void => {
  describe(`nodes: ${name}`, () => {
    let opened: OpenedNodes;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());
    placementTests(() => opened.nodes);
    topicTests(() => opened.nodes);
    requestTests(() => opened.nodes);
  });
};

type Current = () => readonly [Nodes, Nodes];

const placementTests = (current: Current): void => {
  test('the placement is written only from the state that was read', async () => {
    const [{ placement: a }, { placement: b }] = current();
    expect(await a.read()).toEqual({ table: undefined, revision: 0 });
    const first = (await a.write(table('a'), 0)) ?? 0;
    expect(first).toBeGreaterThan(0);
    expect(await b.write(table('b'), 0)).toBeUndefined();
    expect(await b.read()).toEqual({ table: table('a'), revision: first });
    const second = (await b.write(table('b'), first)) ?? 0;
    expect(second).toBeGreaterThan(first);
    expect(await a.write(table('a'), first)).toBeUndefined();
    expect((await a.read()).table).toEqual(table('b'));
  });
};

const topicTests = (current: Current): void => {
  test('messages arrive at all nodes in the order of sending, until the subscription ends', async () => {
    const [{ bus: a }, { bus: b }] = current();
    const got = { a: [] as unknown[], b: [] as unknown[] };
    const stop = a.subscribe('news', (message) => got.a.push(message));
    b.subscribe('news', (message) => got.b.push(message));
    b.subscribe('other', () => expect.unreachable());
    const isHeard = (): boolean => {
      a.publish('news', 'ready?');
      return got.a.length > 0 && got.b.length > 0;
    };
    await expect.poll(isHeard, { interval: 20 }).toBe(true);
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    for (const n of numbers) a.publish('news', n);
    const received = (messages: unknown[]) => messages.filter((each) => each !== 'ready?');
    await expect.poll(() => received(got.b)).toEqual(numbers);
    await expect.poll(() => received(got.a)).toEqual(numbers);
    stop();
    a.publish('news', 'last');
    await expect.poll(() => got.b.at(-1)).toBe('last');
    expect(received(got.a)).toEqual(numbers);
  });
};

const echo = { node: 'b', service: 'echo' };

const requestTests = (current: Current): void => {
  test('a service answers requests in the order in which they were sent', async () => {
    const [{ bus: a }, { bus: b }] = current();
    const asked: unknown[] = [];
    b.respond(echo, async (message) => {
      asked.push(message);
      return { echo: message };
    });
    const isHeard = (): Promise<boolean> =>
      a.request(echo, 'ready?', 1000).then(
        () => true,
        () => false,
      );
    await expect.poll(isHeard).toBe(true);
    asked.length = 0;
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const answers = await Promise.all(numbers.map((n) => a.request(echo, n, 5000)));
    expect(asked).toEqual(numbers);
    expect(answers).toEqual(numbers.map((echo) => ({ echo })));
  });

  test('a request to a service that does not listen was not sent', async () => {
    const [{ bus: a }, { bus: b }] = current();
    await expect(a.request({ ...echo, node: 'nobody' }, {}, 1000)).rejects.toMatchObject({
      reason: 'absent',
    });
    const stop = b.respond(echo, async () => 'here');
    await expect.poll(() => a.request(echo, {}, 1000).catch(() => undefined)).toBe('here');
    stop();
    const reasonOf = () => a.request(echo, {}, 1000).catch((error) => error.reason);
    await expect.poll(reasonOf).toBe('absent');
  });

  test('a node has several services, each with its own requests', async () => {
    const [{ bus: a }, { bus: b }] = current();
    const other = { ...echo, service: 'other' };
    const stop = b.respond(echo, async () => 'echo');
    b.respond(other, async () => 'other');
    const ask = (to: typeof echo) => a.request(to, {}, 1000).catch((error) => error.reason);
    await expect.poll(() => Promise.all([ask(echo), ask(other)])).toEqual(['echo', 'other']);
    stop();
    await expect.poll(() => Promise.all([ask(echo), ask(other)])).toEqual(['absent', 'other']);
  });
};
