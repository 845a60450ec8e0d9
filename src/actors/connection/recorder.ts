import { connectionAggregate } from '../../events/aggregate.ts';
import { commitEventsMax, type LoggedEvent } from '../../events/commit.ts';
import type { UserId } from '../../events/ids.ts';
import type { EventIn } from '../../events/kinds/kinds.ts';
import { AppendFailure, type EventLog } from '../../events/log.ts';
import { randomId } from '../../runtime/random.ts';

const triesMax = 5;

/**
 * Appends the events of connections to their own log, one event stream per user. Nothing waits for it and no decision
 * depends on it: what cannot be appended after a few attempts is reported and dropped.
 */
export type ConnectionRecorder = {
  record(user: UserId, at: number, event: EventIn<'connection'>): void;
  /** Resolves when all that was recorded is appended. */
  flush(): Promise<void>;
};

export const createConnectionRecorder = (
  log: EventLog,
  onError: (error: Error) => void,
  term = 1,
): ConnectionRecorder => {
  const waiting = new Map<UserId, LoggedEvent[]>();
  const writing = new Map<UserId, Promise<void>>();

  const append = async (user: UserId, events: readonly LoggedEvent[]): Promise<void> => {
    const aggregate = connectionAggregate(user);
    for (let tries = 1; ; tries++) {
      const tail = await log.tail(aggregate);
      const commit = { id: randomId(), n: tail.n + 1, prev: tail.hash, term, events };
      try {
        await log.append(aggregate, commit, tail);
        return;
      } catch (error) {
        const again = error instanceof AppendFailure && error.reason === 'conflict';
        if (!again || tries >= triesMax) throw error;
      }
    }
  };

  const write = async (user: UserId): Promise<void> => {
    for (let events = waiting.get(user); events; events = waiting.get(user)) {
      waiting.delete(user);
      try {
        for (let at = 0; at < events.length; at += commitEventsMax) {
          await append(user, events.slice(at, at + commitEventsMax));
        }
      } catch (cause) {
        onError(new Error(`events of connections of user ${user} were not recorded`, { cause }));
      }
    }
    writing.delete(user);
  };

  return {
    record(user, at, { k, v, d }) {
      const event = { k, v, at, by: user, d } as LoggedEvent;
      const events = waiting.get(user);
      if (events) events.push(event);
      else waiting.set(user, [event]);
      if (!writing.has(user))
        writing.set(
          user,
          Promise.resolve().then(() => write(user)),
        );
    },
    async flush() {
      await Promise.all(writing.values());
    },
  };
};
