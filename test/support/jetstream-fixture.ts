import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect } from 'vitest';
import { eventFamily } from '../../src/engine/cluster/jetstream-log/family.ts';
import {
  type JetstreamLogOptions,
  openJetstreamLog,
} from '../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import type { EventLog, Tail } from '../../src/events/log.ts';
import { Writer } from './log-fixtures.ts';

/** Opens logs for one test and closes them with their connections. */
export type LogFixture = {
  /** The prefix that keeps this test apart; logs of one fixture are one log. */
  readonly prefix: string;
  open(url: string, options?: OpenOptions): Promise<OpenLog>;
  close(): Promise<void>;
};

export type OpenOptions = Partial<JetstreamLogOptions> & {
  /** The version of which the server is taken to be: nothing is asked of it that came later. */
  readonly version?: string | undefined;
};

export type OpenLog = { readonly log: EventLog; readonly nc: NatsConnection };

/** The logs that it opens have one partition if nothing else is asked for. */
export const logFixture = (): LogFixture => {
  const opened: OpenLog[] = [];
  const prefix = `t${randomUUID().slice(0, 8)}`;
  return {
    prefix,
    open: async (url, { version, ...options } = {}) => {
      const { nc } = await connectNats(url);
      if (version !== undefined)
        Object.defineProperty(nc, 'info', { value: { ...nc.info, version } });
      const log = await openJetstreamLog({
        ...{ nc, family: eventFamily, prefix, partitions: 1 },
        ...options,
      });
      opened.push({ log, nc });
      return { log, nc };
    },
    close: async () => {
      for (const { log, nc } of opened.splice(0)) {
        await log.close();
        await nc.close();
      }
    },
  };
};

/** Appends so many commits to one aggregate, one behind the other. */
export const appendMany = async (
  log: EventLog,
  aggregate: Aggregate,
  count: number,
): Promise<Tail> => {
  const writer = new Writer(log, aggregate);
  for (let index = 0; index < count; index++) await writer.append();
  return writer.tail;
};

/** Waits until it is so; how long it may take is no part of what is tested. */
export const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(read, { timeout: 30_000, interval: 10 });
