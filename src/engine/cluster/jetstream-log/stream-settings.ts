import type { StreamConfig } from '@nats-io/jetstream';
import type { PartitionNames } from './family.ts';

export type StreamOptions = {
  /** How long commits are kept, in ms; absent: permanently. */
  readonly retentionMs?: number;
  /** Replicas in the cluster; only for new streams. */
  readonly replicas?: number;
  /** Above this size a partition refuses commits, in bytes; only for new streams. */
  readonly bytesMax?: number;
};

/** The identity of the log in a stream's description. */
export type StreamIdentity = {
  readonly incarnation: string;
  readonly partition: number;
  readonly partitions: number;
};

export type Settings = Partial<StreamConfig> & { readonly name: string };

/** How long the server remembers commit ids: long enough for what was sent twice. */
const duplicateWindowNs = 20e9;

export const settingsOf = (
  names: PartitionNames,
  identity: StreamIdentity,
  { retentionMs, replicas = 1, bytesMax = -1 }: StreamOptions,
): Settings =>
  ({
    name: names.stream,
    description: describe(identity),
    subjects: [`${names.subjects}>`],
    storage: 'file',
    retention: 'limits',
    discard: 'new',
    max_age: nanoseconds(retentionMs),
    max_bytes: bytesMax,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    num_replicas: replicas,
    allow_direct: true,
    allow_atomic: true,
    duplicate_window: duplicateWindowNs,
    republish: { src: `${names.subjects}>`, dest: `${names.live}>` },
  }) as Settings;

const nanoseconds = (ms = 0): number => ms * 1e6;

/**
 * The identity is in the description, which every version of nats-server keeps; those before 2.10 drop the metadata
 * intended for it.
 */
const describe = ({ incarnation, partition, partitions }: StreamIdentity): string =>
  `Oshi log ${incarnation}, partition ${partition} of ${partitions}. Never edit this text.`;

const unfinished = 'Oshi restore ';

/** The description of a stream that is being restored: it does not count as one of a log. */
export const unfinishedDescription = (identity: StreamIdentity): string =>
  describe(identity).replace('Oshi log ', unfinished);

/** Whether a stream was being restored. */
export const isUnfinished = ({ description = '' }: Pick<Settings, 'description'>): boolean =>
  description.startsWith(unfinished);

/** Parses a stream's identity; undefined if the stream was not made by Oshi. */
export const identityOf = (description = ''): StreamIdentity | undefined => {
  const [, incarnation, partition, partitions] =
    /^Oshi (?:log|restore) (\S+), partition (\d+) of (\d+)\./.exec(description) ?? [];
  if (!incarnation) return undefined;
  return { incarnation, partition: Number(partition), partitions: Number(partitions) };
};

/**
 * Why an existing stream must not be used: which of its settings would lose commits, or deliver others. Empty if it
 * may be used.
 */
export const dangersOf = (have: Settings, wanted: Settings): readonly string[] => {
  const dangers: string[] = [];
  const expect = (name: keyof StreamConfig, good: unknown, found: unknown = have[name]): void => {
    if (found !== good) dangers.push(`${name} is ${found}, not ${good}`);
  };
  expect('subjects', wanted.subjects?.join(), have.subjects?.join());
  expect('storage', 'file');
  expect('retention', 'limits');
  expect('max_age', wanted.max_age ?? 0, have.max_age ?? 0);
  expect('max_msgs', -1);
  expect('max_msgs_per_subject', -1);
  if (have.max_bytes !== -1 || wanted.max_age !== 0) expect('discard', 'new');
  expect('no_ack', false, have.no_ack ?? false);
  expect('sealed', false, have.sealed ?? false);
  if (have.mirror) dangers.push('it is a mirror');
  if (have.sources?.length) dangers.push('it has sources');
  if (have.persist_mode === 'async') dangers.push('persist_mode is async');
  return dangers;
};

/** The settings that can be updated in place; undefined if none differs. */
export const repairOf = (
  have: Settings,
  wanted: Settings,
  knowsAtomic: boolean,
): Settings | undefined => {
  const { allow_direct, duplicate_window, republish } = wanted;
  const isFit =
    have.allow_direct === allow_direct &&
    have.duplicate_window === duplicate_window &&
    have.republish?.src === republish?.src &&
    have.republish?.dest === republish?.dest &&
    !have.republish?.headers_only &&
    (have.allow_atomic === true || !knowsAtomic);
  if (isFit) return undefined;
  return { ...have, allow_direct, duplicate_window, republish, allow_atomic: true } as Settings;
};
