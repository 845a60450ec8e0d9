import type { NamedAccount } from '../actors/name/skeleton-backfill.ts';
import type { MembersOf } from '../actors/reactions/circle-membership.ts';
import type { MessageFacts } from '../actors/stream/message-facts.ts';
import type { LookUpMessages } from '../actors/stream/past.ts';
import { pastInLog } from '../actors/stream/past-in-log.ts';
import { reactionKey } from '../actors/stream/state.ts';
import { partitionOf } from '../events/aggregate.ts';
import type { UserId } from '../events/ids.ts';
import type { EventLog } from '../events/log.ts';
import { streamPathOf } from '../events/stream-path.ts';
import type { InviteRow } from '../projections/models/invites.ts';
import { type MessageRow, messageIdOf, reactionsOf } from '../projections/models/messages.ts';
import { builtIn, type ReadModels } from '../projections/read-models.ts';
import type { Runner } from '../projections/runner/following.ts';
import { type ProjectionStatus, statusesOf } from '../projections/status.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';
import { readerOf } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';
import { allPages, type KeysetPage } from './pages.ts';

const lookUpMsMax = 1000;
const purgeEveryMs = 60_000;
const rowsAtOnce = 500;

const factsOf = (row: MessageRow): MessageFacts => {
  const { by, n, m, at, mentions = [], deleted } = row;
  const reactions = reactionsOf(row);
  return {
    by,
    n,
    m,
    at,
    ...(mentions.length > 0 && { mentions }),
    ...(reactions.length > 0 && { reactions: Object.fromEntries(reactions) }),
    ...(deleted && { deleted }),
  };
};

/**
 * Looks up messages that the actors of streams have evicted: in the read models once they have caught up, or in the log
 * if they do not in time.
 */
export const lookUpIn = (sources: LookUpSources): LookUpMessages => {
  const inModels = lookUpInModels(sources);
  const { log, isAway } = sources;
  return async (stream, wanted, seq) => {
    if (!isAway()) {
      const found = await inModels(stream, wanted, seq).catch(() => undefined);
      if (found) return found;
    }
    return pastInLog(log, stream, { wanted, seq });
  };
};

type LookUpSources = {
  readonly models: ReadModels;
  /** Whether the read models are known to be unavailable. */
  readonly isAway: () => boolean;
  readonly log: EventLog;
  readonly runner: Pick<Runner, 'whenApplied'>;
  readonly partitions: number;
};

const lookUpInModels =
  ({ models, runner, partitions }: LookUpSources): LookUpMessages =>
  async (stream, wanted, seq) => {
    const partition = partitionOf(stream, partitions);
    const s = streamPathOf(stream) ?? '';
    await runner.whenApplied({ partition, seq }, lookUpMsMax);
    const [messages, reacted] = await Promise.all([
      models.messages.getMany(s, wanted.messages),
      models.reactions.getMany(
        wanted.reactions.map(({ id, by }) => ({ message: messageIdOf(s, id), user: by })),
      ),
    ]);
    const reactions = reacted.flatMap(({ message, user, emojis }) =>
      emojis.map((emoji) => reactionKey(message.slice(s.length + 1), user, emoji)),
    );
    return {
      seq,
      messages: new Map(messages.map((row) => [row.id, factsOf(row)])),
      reactions: new Set(reactions),
    };
  };

/** Returns the members of a circle, from the read model once it has applied `seq`. */
export const membersIn = (
  models: ReadModels,
  { runner, partitionOf: partitionOfKey }: { runner: Runner; partitionOf: (key: string) => number },
): MembersOf =>
  async function* members(circle, seq) {
    await runner.whenApplied({ partition: partitionOfKey(circle), seq }, lookUpMsMax);
    const read = (page: KeysetPage) => models.memberships.ofCircle(circle, page);
    for await (const rows of allPages(rowsAtOnce, read, ({ user }) => user)) {
      yield rows.map(({ user }) => user as UserId);
    }
  };

/** All accounts in the order of registration, in batches, once the read models have caught up. */
export const accountsIn = (models: ReadModels, runner: Pick<Runner, 'caughtUp'>) =>
  async function* accounts(): AsyncGenerator<readonly NamedAccount[]> {
    await runner.caughtUp();
    const read = ({ after = '', limit }: KeysetPage) => models.users.page(after, limit);
    for await (const rows of allPages(rowsAtOnce, read, ({ _id }) => _id)) {
      yield rows.map(({ _id, username }) => ({ user: _id as UserId, username }));
    }
  };

/** Finds an invite to an existing circle by its code; one that was created a moment ago may be in the log only. */
export const inviteIn = (
  { invites, circles }: ReadModels,
  runner: Pick<Runner, 'caughtUp'>,
): ((code: string) => Promise<InviteRow | undefined>) => {
  const look = async (code: string): Promise<InviteRow | undefined> => {
    const invite = await invites.get(code);
    return invite && (await circles.get(invite.circle)) ? invite : undefined;
  };
  return async (code) => (await look(code)) ?? runner.caughtUp().then(() => look(code));
};

/** The stored status of all projections in the partition of a circle. */
export const statusesIn =
  ({ log, engine, partitionOf: partitionOfKey, now }: StatusSources) =>
  async (circle: string): Promise<readonly ProjectionStatus[]> => {
    const partition = partitionOfKey(circle);
    const heads = new Map([[partition, await log.head(partition)]]);
    return statusesOf({ reader: readerOf(engine.store), builtIn, heads, now: now() });
  };

type StatusSources = {
  readonly log: EventLog;
  readonly engine: { readonly store: ReadStore };
  readonly partitionOf: (key: string) => number;
  readonly now: () => number;
};

/** Purges expired answers periodically; returns a function that stops it. */
export const purgeAnswers = (
  models: ReadModels,
  now: () => number,
  onError: (error: Error) => void,
): (() => void) => {
  const timer = setInterval(() => {
    models.answers.purge(now()).catch(onError);
  }, purgeEveryMs).unref();
  return () => clearInterval(timer);
};
