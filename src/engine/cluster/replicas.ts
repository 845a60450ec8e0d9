import { askApi } from './jetstream-log/api.ts';
import type { Link } from './jetstream-log/link.ts';
import { find } from './jetstream-log/streams.ts';
import { placing } from './placement.ts';

export type ReplicasOptions = {
  /** The streams of the log, and those of the buckets. */
  readonly streams: readonly string[];
  /** The wanted number of copies; undefined: as many as each stream has. */
  readonly replicas: number | undefined;
  readonly onWarning: (line: string) => void;
};

/**
 * Gives each stream the wanted number of copies and reports what it has changed; also reports of which streams a
 * cluster has one copy. Rejects with one line that says what to do if the servers cannot hold so many.
 */
export const settleReplicas = async (
  link: Link,
  { streams, replicas, onWarning }: ReplicasOptions,
): Promise<void> => {
  const changed: string[] = [];
  const atRisk: string[] = [];
  for (const name of streams) {
    const found = await find(link, name);
    if (!found) continue;
    const { num_replicas: before = 1 } = found.config;
    const wanted = replicas ?? before;
    if (wanted !== before) {
      const body = { ...found.config, num_replicas: wanted };
      await placing({ stream: name, replicas: wanted }, () =>
        askApi(link, { path: `STREAM.UPDATE.${name}`, body }),
      );
      changed.push(`${name} (before: ${before})`);
    }
    if (wanted === 1 && found.cluster?.name !== undefined) atRisk.push(name);
  }
  if (changed.length > 0) {
    onWarning(`Copies in NATS are now ${replicas}, by OSHI_NATS_REPLICAS: ${changed.join(', ')}.`);
  }
  if (atRisk.length > 0) {
    onWarning(
      `Of ${atRisk.join(', ')} the NATS cluster has one copy: if a server's disk is lost, so is what they hold. Set OSHI_NATS_REPLICAS to 3.`,
    );
  }
};
