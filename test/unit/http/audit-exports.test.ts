import { get } from 'node:http';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { circleAggregate, userAggregate } from '../../../src/events/aggregate.ts';
import type { CircleId, UserId } from '../../../src/events/ids.ts';
import { event } from '../../../src/events/kinds/kinds.ts';
import { createCirclePasts } from '../../../src/history/circle-past.ts';
import { sendError } from '../../../src/http/problems.ts';
import { auditRoutes } from '../../../src/http/routes/audit.ts';
import { builtIn, readModels } from '../../../src/projections/read-models.ts';
import { startRunner } from '../../../src/projections/runner/runner.ts';
import { until } from '../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';
import { epochMs } from '../../support/fixtures/given.ts';
import { numbered } from '../../support/generators/chatter.ts';

const circle = numbered(100) as CircleId;
const owner = numbered(1) as UserId;

/** The routes over a circle in which so much has happened, whose owner asks, and what holds up the reading. */
const served = async (updates: number) => {
  const log = memoryLog();
  const stamp = { at: epochMs, by: owner };
  log.record(userAggregate(owner), [
    { ...event('user-registered', { username: 'ann' }), ...stamp },
  ]);
  for (let count = 0; count < updates; count++) {
    log.record(circleAggregate(circle), [
      { ...event('circle-updated', { name: `name ${count}` }), ...stamp },
    ]);
  }
  const store = memoryStore();
  const runner = await startRunner({ log, store, projections: builtIn, collectMs: 0 });
  await runner.caughtUp();
  await runner.stop();
  const reads: (() => void)[] = [];
  let isOwner = true;
  let asking: UserId = owner;
  let isHeld = true;
  const held = {
    ...log,
    at: async (...asked: Parameters<typeof log.at>) => {
      if (isHeld) await new Promise<void>((resolve) => reads.push(resolve));
      return log.at(...asked);
    },
  };
  const app = fastify();
  app.setErrorHandler((error, _, reply) => sendError(reply, error));
  auditRoutes(app, {
    actors: {
      accessOf: async () => ({ refusal: undefined, manages: isOwner, pins: isOwner }),
    },
    authentication: { reader: async () => ({ user: asking }) },
    ...{ models: readModels(store), log: held, pasts: createCirclePasts({ log }) },
    connectionLog: log,
  } as never);
  onTestFinished(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const address = (format: string) => `${url}/v1/circles/${circle}/audit?format=${format}`;
  return {
    address,
    ask: (format = 'ndjson') => fetch(address(format)),
    /** Another user asks from now on. */
    become: (user: number): void => {
      asking = numbered(user) as UserId;
    },
    reads,
    release: (): void => {
      isHeld = false;
      for (const go of reads) go();
    },
    disown: (): void => {
      isOwner = false;
    },
  };
};

const refusal = { code: 'rate-limited', retryAfter: 5000 };

test('one file of each user is written at once, so many of all, and then there is room again', async () => {
  const { ask, become, reads, release } = await served(3);
  const running: Promise<Response>[] = [];
  for (let user = 1; user <= limits.exportsMax; user++) {
    become(user);
    running.push(ask());
    await until(() => reads.length === user, 'the file is being read');
    const second = await ask('csv');
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await second.json()).toMatchObject({
      ...refusal,
      detail: expect.stringMatching(/^You have an export/),
    });
  }
  become(limits.exportsMax + 1);
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    ...refusal,
    detail: expect.stringMatching(/^Too many exports/),
  });
  release();
  for (const answer of running) expect((await (await answer).text()).split('\n')).toHaveLength(4);
  const again = await ask();
  expect(again.status).toBe(200);
  await again.text();
});

test('somebody who goes away in the middle makes room for others', async () => {
  const { address, ask, release } = await served(500);
  release();
  for (let count = 0; count <= limits.exportsMax; count++) {
    await new Promise<void>((resolve) => {
      const request = get(address('csv'), (answer) => {
        answer.once('data', () => request.destroy());
        answer.once('close', resolve);
        answer.on('error', () => {});
      });
      request.on('error', () => {});
    });
  }
  let status = 0;
  // The server learns a little later that somebody has gone.
  while (status !== 200) {
    const answer = await ask();
    status = answer.status;
    await answer.text();
  }
});

test('whoever loses the circle while a file is written gets no more of it', async () => {
  const { ask, release, disown } = await served(500);
  release();
  const answer = await ask();
  disown();
  const text = answer.text();
  await text.then(
    (whole) => expect(whole.split('\n').length).toBeLessThanOrEqual(501),
    (error: Error) => expect(error.message).toMatch(/terminated/),
  );
  expect((await ask()).status).toBe(403);
});
