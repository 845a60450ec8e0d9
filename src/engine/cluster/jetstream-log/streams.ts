import { partitionsMax } from '../../../config.ts';
import type { LogInfo } from '../../../events/log.ts';
import { LogDamaged } from '../../../events/raw-log.ts';
import { randomId } from '../../../runtime/random.ts';
import { placing, TooFewServers } from '../placement.ts';
import { ApiRefusal, apiCodes, askApi } from './api.ts';
import { isAtomicAble } from './batch.ts';
import {
  type Family,
  namesOf,
  type PartitionNames,
  partitionsDefault,
  streamName,
} from './family.ts';
import type { Link } from './link.ts';
import {
  dangersOf,
  identityOf,
  isUnfinished,
  repairOf,
  type Settings,
  type StreamIdentity,
  type StreamOptions,
  settingsOf,
} from './stream-settings.ts';

/** The log to open, and the options to create it with if it does not exist. */
export type LogPlace = StreamOptions & {
  readonly family: Family;
  readonly prefix?: string;
  /** The number of partitions of a new log; one that exists keeps its own. */
  readonly partitions?: number;
  /** Creates and updates nothing; rejects if there is no log. */
  readonly readOnly?: boolean;
  /** Opens a log that is being restored. */
  readonly isUnfinished?: boolean;
  /** What exists that is only created beside a log: with any of it a missing log was lost, and none is created. */
  readonly beside?: readonly string[];
};

type Found = {
  readonly config: Settings;
  readonly state: { readonly last_seq: number };
  /** Only reported by a server in a cluster, where several could hold replicas. */
  readonly cluster?: { readonly name?: string };
};

/**
 * Finds the streams of a log, or creates them. Rejects with one line that says what to do if one is missing from a
 * log that holds commits, if all are and there is what only exists beside a log, or if one has settings that lose
 * commits or belongs to another log.
 */
export const openStreams = async (link: Link, options: LogPlace): Promise<LogInfo> => {
  const { family, prefix } = options;
  const first = await find(link, streamName(family, 0, prefix));
  if (!first && options.readOnly) throw await absent(link, options);
  const identity = await identityFor(first, options);
  const { partitions } = identity;
  const names = namesOf(family, partitions, prefix).partitions;
  const found = await findAll(link, names);
  const { beside = [] } = options;
  if (beside.length > 0 && found.every((stream) => stream === undefined)) throw allLost(beside);
  for (const [partition, stream] of names.entries()) {
    const wanted = settingsOf(stream, { ...identity, partition }, options);
    const { config } = found[partition] ?? (await made(link, wanted, options));
    const incarnation = checked(config, wanted, identity);
    if (partition === 0) identity.incarnation = incarnation;
    if (!options.readOnly) await repair(link, config, wanted);
  }
  return { incarnation: identity.incarnation, partitions };
};

const made = (link: Link, wanted: Settings, { readOnly }: LogPlace): Promise<Found> => {
  if (readOnly) throw lost(wanted.name);
  return create(link, wanted);
};

/** The identity that the log has, or will have. */
const identityFor = async (
  first: Found | undefined,
  options: LogPlace,
): Promise<{ -readonly [K in keyof StreamIdentity]: StreamIdentity[K] }> => {
  if (!first) {
    const { family, partitions = partitionsDefault } = options;
    return { incarnation: randomId(), partition: 0, partitions: family.only ? 1 : partitions };
  }
  const { name, description } = first.config;
  if (isUnfinished(first.config) && !options.isUnfinished) throw unfinishedRestore();
  const identity = identityOf(description);
  if (!identity) {
    throw new Error(
      `the stream ${name} on the NATS server was not made by Oshi: use another server or account.`,
    );
  }
  return { ...identity };
};

/** The stream of this name; undefined if there is none. */
export const find = async (link: Link, stream: string): Promise<Found | undefined> => {
  try {
    return await askApi<Found>(link, { path: `STREAM.INFO.${stream}` });
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === apiCodes.streamNotFound) return undefined;
    throw error;
  }
};

/**
 * All streams that exist. A log is created stream by stream from the first, and nothing is written before all exist:
 * so one that is missing beside a later one, or beside one that holds commits, was lost.
 */
const findAll = async (
  link: Link,
  names: readonly PartitionNames[],
): Promise<readonly (Found | undefined)[]> => {
  const all = await Promise.all(names.map(({ stream }) => find(link, stream)));
  for (const [at, { stream }] of names.entries()) {
    const isLater = (other: Found | undefined, index: number): boolean =>
      other !== undefined && (index > at || other.state.last_seq > 0);
    if (all[at] || !all.some(isLater)) continue;
    // Another process may have created it meanwhile.
    all[at] = await find(link, stream);
    if (!all[at]) throw lost(stream);
  }
  return all;
};

/** Without its first stream a log would look as if it did not exist. */
const absent = async (link: Link, { family, prefix }: LogPlace): Promise<Error> =>
  (await streamsOn(link, family, prefix)).length > 0
    ? lost(streamName(family, 0, prefix))
    : new Error('there is no event log on the NATS server.');

/** The names of the streams of a log that exist, whatever its number of partitions. */
export const streamsOn = async (
  link: Link,
  family: Family,
  prefix?: string,
): Promise<readonly string[]> => {
  const subject = `${prefix === undefined ? '' : `${prefix}.`}${family.subjects}.>`;
  const { streams } = await askApi<{ readonly streams: readonly string[] | null }>(link, {
    path: 'STREAM.NAMES',
    body: { subject },
  });
  const names = new Set(streams);
  return namesOf(family, partitionsMax, prefix)
    .partitions.map(({ stream }) => stream)
    .filter((stream) => names.has(stream));
};

const unfinishedRestore = (): LogDamaged =>
  new LogDamaged(
    'the event log on the NATS server is incomplete, since a restore was interrupted: run oshi restore again.',
  );

const lost = (stream: string): LogDamaged =>
  new LogDamaged(
    `the stream ${stream} of the event log is missing on the NATS server: restore it from a backup.`,
  );

const allLost = (beside: readonly string[]): LogDamaged =>
  new LogDamaged(
    `the streams of the event log are missing on the NATS server, but there is what belongs to a log: ${beside.join(', ')}. Restore the streams from the backup, or use other servers or an account and a database with nothing in them to start with an empty log.`,
  );

/** Creates a stream, or finds the one that another process has created. */
export const create = async (link: Link, wanted: Settings): Promise<Found> => {
  try {
    return await placing({ stream: wanted.name, replicas: wanted.num_replicas ?? 1 }, () =>
      askApi<Found>(link, { path: `STREAM.CREATE.${wanted.name}`, body: wanted }),
    );
  } catch (error) {
    // Another node was faster, or this one was and the answer was lost.
    const inUse = error instanceof ApiRefusal && error.code === apiCodes.streamNameInUse;
    const found = inUse ? await find(link, wanted.name) : undefined;
    if (found) return found;
    if (error instanceof TooFewServers) throw error;
    throw refused(`could not make the stream ${wanted.name}`, error);
  }
};

const refused = (what: string, cause: unknown): Error => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `${what}: ${why}. Check the NATS server's JetStream storage and this account's rights.`,
    { cause },
  );
};

/** Checks one stream and returns its incarnation. */
const checked = (have: Settings, wanted: Settings, identity: StreamIdentity): string => {
  const dangers = dangersOf(have, wanted);
  if (dangers.length > 0) {
    throw new Error(
      `the stream ${have.name} would lose commits or mix them up: ${dangers.join('; ')}. Set it right with the nats command, or use another server or account.`,
    );
  }
  const found = identityOf(have.description);
  const wantedIdentity = identityOf(wanted.description);
  const isFirst = wantedIdentity?.partition === 0;
  if (
    !found ||
    found.partitions !== identity.partitions ||
    found.partition !== wantedIdentity?.partition ||
    (!isFirst && found.incarnation !== identity.incarnation)
  ) {
    throw new LogDamaged(
      `the stream ${have.name} does not belong to the log of the others: restore all streams from one backup.`,
    );
  }
  return found.incarnation;
};

/** Updates settings that an older server or version of Oshi has left. */
const repair = async (link: Link, have: Settings, wanted: Settings): Promise<void> => {
  const repaired = repairOf(have, wanted, isAtomicAble(link));
  if (!repaired) return;
  try {
    await askApi(link, { path: `STREAM.UPDATE.${have.name}`, body: repaired });
  } catch (cause) {
    throw refused(`could not update the stream ${have.name}`, cause);
  }
};
