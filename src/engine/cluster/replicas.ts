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
  const changed = new Map<number, string[]>();
  const atRisk: string[] = [];
  for (const found of await Promise.all(streams.map((name) => find(link, name)))) {
    if (!found) continue;
    const { name } = found.config;
    const { num_replicas: before = 1 } = found.config;
    const wanted = replicas ?? before;
    if (wanted !== before) {
      const body = { ...found.config, num_replicas: wanted };
      await placing({ stream: name, replicas: wanted }, () =>
        askApi(link, { path: `STREAM.UPDATE.${name}`, body }),
      );
      changed.set(before, [...(changed.get(before) ?? []), name]);
    }
    if (wanted === 1 && found.cluster?.name !== undefined) atRisk.push(name);
  }
  if (changed.size > 0) {
    const list = [...changed].map(([before, names]) => `${listOf(names)} (before: ${before})`);
    onWarning(`Copies in NATS are now ${replicas}, by OSHI_NATS_REPLICAS: ${list.join('; ')}.`);
  }
  if (atRisk.length > 0) {
    onWarning(
      `Of ${listOf(atRisk)} the NATS cluster has one copy: if a server's disk is lost, so is what they hold. Set OSHI_NATS_REPLICAS to 3.`,
    );
  }
};

/** Names in one line: of those that are numbered one after the other, the first and the last. */
const listOf = (names: readonly string[]): string => {
  const parts: string[][] = [];
  for (const name of names) {
    const run = parts.at(-1);
    if (run && name === nextOf(run.at(-1) ?? '')) run.push(name);
    else parts.push([name]);
  }
  return parts
    .map((run) => (run.length > 2 ? `${run[0]} to ${run.at(-1)}` : run.join(', ')))
    .join(', ');
};

/** `OSHI_EV_1` → `OSHI_EV_2`. */
const nextOf = (name: string): string => {
  const at = name.lastIndexOf('_') + 1;
  return `${name.slice(0, at)}${Number(name.slice(at)) + 1}`;
};
