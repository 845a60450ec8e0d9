import { headers, type MsgHdrs, nuid } from '@nats-io/transport-node';
import type { LogInfo } from '../../../events/log.ts';
import { defined } from '../../../runtime/defined.ts';
import { randomId } from '../../../runtime/random.ts';
import type { StoredCommit } from '../../storage.ts';
import { askApi } from './api.ts';
import { isAtomicAble } from './batch.ts';
import { eventFamily, namesOf, type PartitionNames, partitionsDefault } from './family.ts';
import type { Link } from './link.ts';
import { publishReplyOf } from './publish-reply.ts';
import {
  identityOf,
  isUnfinished,
  type StreamIdentity,
  settingsOf,
  unfinishedDescription,
} from './stream-settings.ts';
import { create, find, streamsOn } from './streams.ts';

/** The streams of an event log that is being restored. */
export type RestoringStreams = {
  readonly info: LogInfo;
  append(commits: readonly StoredCommit[]): Promise<number[]>;
  complete(): Promise<void>;
};

/** What one atomic batch may hold: messages, and bytes. */
const batchMessagesMax = 500;
const batchBytesMax = 4 * 1024 * 1024;
const answerMsMax = 30_000;

/** A message of a partition, with its place in the list of all. */
type Message = { readonly subject: string; readonly bytes: Uint8Array; readonly at: number };

/**
 * Creates the streams of an event log that is to be filled from a backup. They count as a log when `complete` has
 * renamed the first, which is the last. Rejects with one line if there is a log.
 */
export const createRestoringStreams = async (
  link: Link,
  {
    partitions = partitionsDefault,
    replicas,
  }: Partial<Record<'partitions' | 'replicas', number | undefined>>,
): Promise<RestoringStreams> => {
  const options = defined({ replicas });
  const incarnation = randomId();
  const names = namesOf(eventFamily, partitions);
  const identities = names.partitions.map(
    (stream, partition): readonly [PartitionNames, StreamIdentity] => [
      stream,
      { incarnation, partition, partitions },
    ],
  );
  for (const [stream, identity] of identities) {
    const description = unfinishedDescription(identity);
    await create(link, { ...settingsOf(stream, identity, options), description });
  }
  const heads = names.partitions.map(() => 0);
  return {
    info: { incarnation, partitions },
    async append(commits) {
      const seqs = commits.map(() => 0);
      const groups = names.partitions.map((): Message[] => []);
      for (const [at, { aggregate, bytes }] of commits.entries()) {
        const subject = names.subjectOf(aggregate);
        groups[names.partitionOf(aggregate)]?.push({ subject, bytes, at });
      }
      await Promise.all(
        groups.map(async (messages, partition) => {
          for (const batch of batches(messages)) {
            const after = heads[partition] ?? 0;
            await store(link, batch, after);
            heads[partition] = after + batch.length;
            for (const [index, { at }] of batch.entries()) seqs[at] = after + index + 1;
          }
        }),
      );
      return seqs;
    },
    async complete() {
      for (const [stream, identity] of identities.toReversed()) {
        const body = settingsOf(stream, identity, options);
        await askApi(link, { path: `STREAM.UPDATE.${stream.stream}`, body });
      }
    },
  };
};

/** The log that an interrupted restore has begun, if any; rejects with one line if there are streams of another. */
export const unfinishedIn = async (link: Link): Promise<string | undefined> => {
  const [name] = await streamsOn(link, eventFamily);
  const first = name === undefined ? undefined : (await find(link, name))?.config;
  if (!first || isUnfinished(first)) return first && identityOf(first.description)?.incarnation;
  throw new Error(
    `the NATS server holds an event log already (stream ${name}): restore to other servers, or to an account with nothing in it.`,
  );
};

/** Removes the streams of an interrupted restore, the first one last. */
export const removeUnfinished = async (link: Link): Promise<void> => {
  for (const name of (await streamsOn(link, eventFamily)).toReversed()) {
    await askApi(link, { path: `STREAM.DELETE.${name}` });
  }
};

function* batches(messages: readonly Message[]): Generator<readonly Message[]> {
  let batch: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    batch.push(message);
    bytes += message.bytes.length;
    if (batch.length < batchMessagesMax && bytes < batchBytesMax) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

const expecting = (seq: number): MsgHdrs => {
  const list = headers();
  list.set('Nats-Expected-Last-Sequence', String(seq));
  return list;
};

/** Stores messages right after a position, or rejects: then the whole restore is repeated. */
const store = async (link: Link, messages: readonly Message[], after: number): Promise<void> => {
  const { nc } = link;
  const request = async ({ subject, bytes }: Message, list: MsgHdrs): Promise<number> => {
    const asked = nc.request(subject, bytes, { headers: list, timeout: answerMsMax });
    const reply = publishReplyOf((await link.untilLost(asked)).data);
    if (reply.kind === 'stored') return reply.seq;
    throw new Error(`the NATS server did not store the log: ${reply.text}`);
  };
  if (messages.length < 2 || !isAtomicAble(link)) {
    await Promise.all(messages.map((message, index) => request(message, expecting(after + index))));
    return;
  }
  const id = nuid.next();
  let last = 0;
  for (const [index, message] of messages.entries()) {
    const list = index === 0 ? expecting(after) : headers();
    list.set('Nats-Batch-Id', id);
    list.set('Nats-Batch-Sequence', String(index + 1));
    if (index < messages.length - 1) {
      nc.publish(message.subject, message.bytes, { headers: list });
      continue;
    }
    list.set('Nats-Batch-Commit', '1');
    last = await request(message, list);
  }
  if (last !== after + messages.length) {
    throw new Error('another program writes to the streams of the log: stop it and restore again');
  }
};
