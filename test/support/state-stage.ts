import { onTestFinished } from 'vitest';
import type { Reset, ServerFrame, StreamEvent } from '../../src/client/frames.ts';
import { createSubscribing } from '../../src/http/socket/subscribing.ts';
import { Hub } from '../../src/hub/hub.ts';
import { connectionStage } from './connection-stage.ts';
import { caller, edgeStage } from './edge-stage.ts';
import { until } from './hand-log.ts';
import { settle } from './virtual-time.ts';

/** What one subscription was sent: a reset, and the events since. */
export type Followed = {
  reset(): Promise<Reset>;
  /** The events up to number `n`, which it waits for. */
  events(n: number): Promise<readonly StreamEvent[]>;
};

/**
 * The server's own way from a command to a reset and to events, in memory: actors, read models, hub and
 * subscriptions. Three people are in a circle with one stream; the first owns it.
 */
export const stateStage = async () => {
  const edge = await edgeStage();
  const { actors, models, barrier, reads, log } = edge;
  const errors: Error[] = [];
  const hub = new Hub({
    ...{ log, findPosition: async () => 0, onSessionClosed: () => undefined },
    onError: (error) => errors.push(error),
  });
  await hub.start();
  onTestFinished(() => hub.stop());
  const people = [edge.ada, caller(2), caller(3)];
  const s = await edge.found();
  for (const by of people.slice(1)) {
    await edge.send({ op: 'join-circle', input: { circle: edge.circle }, by });
  }
  const [accounts, secret] = [undefined as never, undefined as never];
  const now = () => edge.time.ms;
  const deps = { actors, accounts, models, barrier, reads, secret, hub, now };
  const subscribe = createSubscribing({
    ...deps,
    epoch: 'e1',
    notifyRead: () => undefined,
    partitions: 1,
  });

  /** Subscribes as `people[who]`, on a connection of its own. */
  const follow = (of: string, who: number, last = 200): Followed => {
    const { connection, taken } = connectionStage();
    const frames: ServerFrame[] = [];
    const take = (): ServerFrame[] => {
      frames.push(...(taken() as unknown as ServerFrame[]));
      return frames;
    };
    const caller = people[who] ?? edge.ada;
    const asked = subscribe(connection, caller, {
      frame: { t: 'sub', id: 'q', s: of, last },
      turn: settle,
    });
    asked.catch((error: unknown) => errors.push(error as Error));
    const resetIn = () => take().find((frame) => frame.t === 'reset');
    const eventsIn = () => take().flatMap((frame) => (frame.t === 'events' ? frame.e : []));
    const reset = async (): Promise<Reset> => {
      await until(() => resetIn() !== undefined || errors.length > 0, 'a reset');
      const frame = resetIn();
      if (!frame) throw errors[0];
      const { t: _, ...rest } = frame;
      return rest;
    };
    return {
      reset,
      async events(n) {
        const start = (await reset()).n;
        await until(() => (eventsIn().at(-1)?.n ?? start) >= n, `event ${n}`);
        return eventsIn().filter((event) => event.n <= n);
      },
    };
  };

  return { ...edge, people, s, errors, follow };
};
