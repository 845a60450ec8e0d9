import {
  type Aggregate,
  circleAggregate,
  partitionOf,
  partsOf,
  userAggregate,
} from '../../events/aggregate.ts';
import { decode, isKnown } from '../../events/codec.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { EventLog, Recorded } from '../../events/log.ts';
import { formatPosition, parsePosition } from '../../events/position.ts';
import type { RawCommit, RawLog } from '../../events/raw-log.ts';
import { streamPathOf } from '../../events/stream-path.ts';
import type { Fact, Facts } from '../../history/explanation.ts';
import { configuredStorage } from '../storage.ts';
import { progressBar } from '../terminal/progress-bar.ts';

/** A message as given on the command line: by its id alone, or with its circle and stream. */
export type MessageName = {
  readonly message: string;
  readonly circle?: string;
  readonly stream?: string;
};

const factsOf = (
  { aggregate, seq, commit }: Pick<Recorded, 'aggregate' | 'seq' | 'commit'>,
  partition: number,
): Fact[] =>
  commit.events.flatMap((event, index) =>
    isKnown(event)
      ? {
          ...event,
          of: aggregate,
          n: commit.n + index,
          position: formatPosition({ partition, seq }),
        }
      : [],
  );

const seqOf = ({ position }: Fact): number => parsePosition(position)?.seq ?? 0;

/** Whether a commit of a stream may be about a message: its bytes contain the id. */
const mayConcern = ({ aggregate, bytes }: RawCommit, id: Buffer): boolean =>
  aggregate.startsWith('stream.') &&
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(id);

/** All events of messages with this id, in all streams: clients choose the ids. */
const factsAbout = async (
  log: RawLog,
  { message, circle, stream }: MessageName,
): Promise<Fact[]> => {
  const { partitions } = log.info;
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const own = circle && partitionOf(circleAggregate(circle as CircleId), partitions);
  const chosen = own === undefined || own === '' ? all : [own];
  const heads = await Promise.all(chosen.map((partition) => log.head(partition)));
  const total = heads.reduce((sum, head) => sum + head, 0);
  const bar = progressBar();
  const id = Buffer.from(message);
  const facts: Fact[] = [];
  let behind = 0;
  for (const [index, partition] of chosen.entries()) {
    const upTo = heads[index] ?? 0;
    const range = { after: 0, upTo };
    const batches =
      stream !== undefined && circle !== undefined
        ? log.select(partition, range, { circle, stream })
        : log.scan(partition, range);
    for await (const batch of batches) {
      for (const raw of batch.filter((each) => mayConcern(each, id))) {
        const found = factsOf({ ...raw, commit: decode(raw.bytes) }, partition);
        facts.push(...found.filter(({ d }) => 'id' in d && d.id === message));
      }
      bar.update(behind + (batch.at(-1)?.seq ?? 0), total, 'commits');
    }
    behind += upTo;
  }
  bar.stop();
  return facts;
};

const onlyPost = (facts: readonly Fact[], { message, stream }: MessageName) => {
  const posts = facts.filter((fact) => fact.k === 'message-posted');
  const [post] = posts;
  if (!post) {
    const where = stream === undefined ? 'the log' : 'this stream';
    throw new Error(
      `there is no message ${message} in ${where}; check that it is the id of a message`,
    );
  }
  if (posts.length === 1) return post;
  const names = posts.map(({ of }) => `${streamPathOf(of)}/${message}`);
  throw new Error(
    `there are ${posts.length} messages with this id; choose one: ${names.join(', ')}`,
  );
};

const read = async (log: EventLog, aggregate: Aggregate): Promise<Fact[]> => {
  const partition = partitionOf(aggregate, log.info.partitions);
  const facts: Fact[] = [];
  for await (const recorded of log.read(aggregate)) facts.push(...factsOf(recorded, partition));
  return facts;
};

/** The username at registration. */
const usernameOf = async (log: EventLog, user: string): Promise<string | undefined> => {
  for await (const { commit } of log.read(userAggregate(user as UserId))) {
    const registered = commit.events.find(({ k }) => k === 'user-registered');
    if (registered?.k === 'user-registered') return registered.d.username;
  }
  return undefined;
};

export type Found = {
  readonly facts: Facts;
  /** Usernames by user id. */
  usernames(ids: Iterable<string>): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
};

/** Finds a message in the log, with all relevant events. */
export const findMessage = async (name: MessageName): Promise<Found> => {
  const storage = await configuredStorage();
  const raw = await storage.readRawLog();
  const about = await factsAbout(raw, name).finally(() => raw.close());
  const post = onlyPost(about, name);
  const parts = partsOf(post.of);
  if (parts.kind !== 'stream') throw new Error(`${post.of} is no stream`);
  const { circle, stream } = parts;
  const log = await storage.readLog();
  try {
    const ofCircle = await read(log, circleAggregate(circle));
    const author = await read(log, userAggregate(post.by as UserId));
    const isBefore = (fact: Fact): boolean => seqOf(fact) < seqOf(post);
    const before = ofCircle.filter(isBefore);
    const after = ofCircle.filter((fact) => !isBefore(fact));
    const later = about.filter(({ of, n }) => of === post.of && n > post.n);
    return {
      facts: { circle, stream, post, later, before, after, author },
      async usernames(ids) {
        const names = new Map<string, string>();
        for (const id of new Set(ids)) {
          const username = await usernameOf(log, id);
          if (username !== undefined) names.set(id, username);
        }
        return names;
      },
      close: () => log.close(),
    };
  } catch (error) {
    await log.close();
    throw error;
  }
};
