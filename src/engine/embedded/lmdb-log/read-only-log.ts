import { partitionOf } from '../../../events/aggregate.ts';
import { AppendFailure, type EventLog, type Recorded } from '../../../events/log.ts';
import { clearTimeout, setTimeout } from '../../../runtime/timers.ts';
import type { LogFile } from './log-file.ts';
import { readAggregate, readPlaces, scanPartition, storedTail } from './reading.ts';

/** How often a reader polls for what another process has written. */
const lookEveryMs = 100;

/** A log that another process writes, if any. It sees what is written while it is open. */
export const readOnlyLog = (file: LogFile): EventLog & { trim(): Promise<number> } => {
  const { info } = file;
  const source = { file: file.file, store: () => file.store };
  const subscriptions = new Set<{ stop(): void }>();
  const head = (partition: number): number => file.store.last(partition);
  return {
    info,
    append: async () => {
      throw new AppendFailure('unavailable', `${file.file} is open for reading only`);
    },
    tail: async (aggregate) =>
      storedTail(source, partitionOf(aggregate, info.partitions), aggregate),
    read: (aggregate, { after = 0 } = {}) => {
      const partition = partitionOf(aggregate, info.partitions);
      return readAggregate(source, { aggregate, partition, after });
    },
    at: (partition, seqs) => readPlaces(source, partition, seqs),
    scan: (partition, { after = 0, batchBytes } = {}) =>
      scanPartition(source, { partition, after, upTo: head(partition), batchBytes }),
    live: async (partition, handler, { onStuck = () => {} } = {}) => {
      const after = head(partition);
      const looking = look(
        (from) => scanPartition(source, { partition, after: from, upTo: head(partition) }),
        { after, handler, onStuck },
      );
      const subscription = {
        after,
        stop: () => {
          looking.stop();
          subscriptions.delete(subscription);
        },
      };
      subscriptions.add(subscription);
      return subscription;
    },
    head: async (partition) => head(partition),
    trim: async () => 0,
    close: async () => {
      for (const { stop } of [...subscriptions]) stop();
      await file.close();
    },
  };
};

type News = (after: number) => AsyncIterable<readonly Recorded[]>;

type Listener = {
  readonly after: number;
  readonly handler: (recorded: Recorded) => void;
  readonly onStuck: () => void;
};

/** Polls for new commits, and passes them on one by one. */
const look = (news: News, { after, handler, onStuck }: Listener): { stop(): void } => {
  let at = after;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const readOn = async (): Promise<void> => {
    for await (const batch of news(at)) {
      for (const recorded of batch) {
        if (stopped) return;
        at = recorded.seq;
        handler(recorded);
      }
    }
  };
  const round = async (): Promise<void> => {
    await readOn().catch(() => {
      if (!stopped) onStuck();
    });
    if (!stopped) again();
  };
  const again = (): void => {
    timer = setTimeout(() => void round(), lookEveryMs);
  };
  again();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
