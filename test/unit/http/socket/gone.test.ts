import { expect, onTestFinished, test } from 'vitest';
import { createResponder } from '../../../../src/http/socket/responder.ts';
import { Hub } from '../../../../src/hub/hub.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { connectionStage, hello } from '../../../support/fixtures/connection-stage.ts';
import { edgeStage } from '../../../support/fixtures/edge-stage.ts';

/** Connections of one person to a server in memory. */
const server = async () => {
  const stage = await edgeStage();
  const s = await stage.found();
  const { log, ada, circle } = stage;
  const onError = (error: Error): never => {
    throw error;
  };
  const findPosition = async () => 0;
  const hub = new Hub({ log, findPosition, onSessionClosed: () => undefined, onError });
  await hub.start();
  onTestFinished(() => hub.stop());
  const responder = createResponder({
    ...stage,
    ...{ hub, partitions: 1, epoch: 'e', live: { signal: () => undefined } },
    ...{ greeter: { greet: async () => ({ caller: ada }) }, sessions: { use: () => undefined } },
  } as unknown as Parameters<typeof createResponder>[0]);
  // Behind many others that were closed at once.
  const cleanUpLater = async (run: () => void): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await settle();
    run();
  };
  const connect = () =>
    connectionStage({ responder, scheduleCleanup: (run) => void cleanUpLater(run).catch(onError) });
  return { hub, s, circle, connect };
};

const stepsInTurn = 60;

/** Lets so many promises go on, one after the other; the loop turns from time to time. */
const steps = async (count: number): Promise<void> => {
  for (let step = 1; step <= count; step++) {
    if (step % stepsInTurn === 0) await settle();
    else await Promise.resolve();
  }
};

test.for(['the client', 'the server'] as const)(
  'wherever a subscription has come to when %s closes, nothing of it is left',
  async (who) => {
    const { hub, s, circle, connect } = await server();
    let isLate = false;
    for (let step = 0; !isLate; step++) {
      const { connection, send, lose, taken } = connect();
      send(hello, { t: 'sub', id: '1', s }, { t: 'sub', id: '2', s: circle, last: 0 });
      send({ t: 'sub', id: '3', s, after: 0, epoch: 'e' });
      await steps(step);
      isLate = taken().filter(({ t }) => t === 'live').length === 3;
      if (who === 'the server') connection.close({ code: 4503, reason: 'draining' } as never);
      else lose();
      for (let turn = 0; turn < 20; turn++) await settle();
      expect([step, hub.subscriptions]).toEqual([step, 0]);
      expect(connection.subscriptions.size).toBe(0);
    }
  },
);
