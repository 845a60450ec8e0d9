import type { Turn } from '../app/limits/reads.ts';
import { Refused } from '../app/refusals.ts';
import type { PersonView } from '../app/views/members.ts';
import {
  type MessagePage,
  ownReactions,
  pageFrom,
  peopleOf,
  rowsOf,
  viewsFor,
} from '../app/views/messages.ts';
import {
  type MessageRow,
  type MessageView,
  messages,
  peopleIn,
  type Range,
} from '../projections/models/messages.ts';
import { type ReactionRow, reactions } from '../projections/models/reactions.ts';
import { type StreamRow, streams } from '../projections/models/streams.ts';
import { rowsUpToDate } from '../projections/replay.ts';
import { readBehind, type SnapshotDeps } from './snapshot.ts';
import type { Subscription } from './subscription.ts';

export type PageRequest = {
  readonly s: string;
  readonly user: string;
  readonly range: Range;
  readonly turn: Turn;
};

const triesMax = 10;

/** Selects the rows of a page from those that were read and those that arrived meanwhile, between which there is no gap. */
const within = (rows: readonly MessageRow[], page: readonly MessageRow[], range: Range) => {
  const { before, after, around, limit } = range;
  const ascending = rows.toSorted((a, b) => a.m - b.m);
  if (around !== undefined) {
    const ids = new Set(page.map(({ _id }) => _id));
    return ascending.filter(({ _id }) => ids.has(_id));
  }
  if (after !== undefined) return ascending.filter(({ m }) => m > after).slice(0, limit);
  return ascending.filter(({ m }) => before === undefined || m < before).slice(-limit);
};

/** Whether `people` contains all users that appear in the messages. */
const areAmong = (people: readonly PersonView[], views: readonly MessageView[]): boolean => {
  const known = new Set(people.map(({ id }) => id));
  return [...peopleIn(views)].every((id) => known.has(id));
};

/**
 * Answers with a page of a stream to which the client subscribes, exactly as it is after the events sent so far: all
 * known events are sent, and `answer` is called in the same step. So a client that applies events to pages neither misses
 * nor repeats one. A slow client, which has not received those events yet, receives them later.
 */
export const answerPage = async (
  deps: SnapshotDeps,
  subscription: Subscription,
  { request, answer }: { request: PageRequest; answer: (page: MessagePage) => void },
): Promise<void> => {
  const { models } = deps;
  const { topic } = subscription;
  const { s, user, range, turn } = request;
  const source = { models, turn };
  let added: readonly MessageView[] = [];
  const read = async () => {
    const page = await rowsOf(source, s, range);
    const [own, stream] = await Promise.all([
      ownReactions(models, page, user),
      models.streams.get(s),
    ]);
    const people = await peopleOf(source, s, [...viewsFor(user, page, own), ...added]);
    return { page, own, stream, people };
  };
  for (let tries = 0; tries < triesMax; tries++) {
    const { rows, since, n } = await readBehind(deps, topic, read);
    const isLast = tries === triesMax - 1;
    if (topic.head !== n || (subscription.state.name === 'behind' && !isLast)) {
      await turn();
      continue;
    }
    const { page, own, people } = rows;
    const [stream] = rowsUpToDate(streams, rows.stream ? [rows.stream] : [], since);
    if (!stream) throw new Refused('not-found');
    const current = rowsUpToDate(messages, page, since) as MessageRow[];
    const reacted = rowsUpToDate(reactions, own, since) as ReactionRow[];
    const views = viewsFor(user, within(current, page, range), reacted);
    // The users that came with the events are looked up as well, but only once, so that this ends.
    if (added.length === 0 && !isLast && !areAmong(people, views)) {
      added = views;
      continue;
    }
    topic.flush();
    answer(pageFrom(views, { range, last: (stream as StreamRow).last, people }));
    return;
  }
  throw new Refused('unavailable', { retryAfter: 500 });
};
