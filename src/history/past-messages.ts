import { circleAggregate, partitionOf } from '../events/aggregate.ts';
import { isKnown } from '../events/codec.ts';
import type { Commit, EventStamp } from '../events/commit.ts';
import type { CircleId } from '../events/ids.ts';
import type { EventIn } from '../events/kinds/kinds.ts';
import type { EventLog } from '../events/log.ts';
import { formatPosition } from '../events/position.ts';
import { formatStreamPath } from '../events/stream-path.ts';
import {
  emojiKey,
  type MessageRow,
  type MessageView,
  messageView,
  type Range,
} from '../projections/models/messages.ts';
import type { TrailQueries } from '../projections/models/trail-queries.ts';
import { defined } from '../runtime/defined.ts';
import { lastMessageAt, type PastDeps, type StreamMoment } from './past.ts';

type Change = Exclude<EventIn<'stream'>, { k: 'stream-opened' }> &
  Pick<EventStamp, 'at' | 'by'> & { readonly n: number };

export type PastMessagesDeps = PastDeps & {
  readonly log: Pick<EventLog, 'info' | 'at'>;
  readonly trail: Pick<TrailQueries, 'ofMessages'>;
};

export type PageThen = {
  readonly circle: string;
  readonly stream: string;
  readonly then: StreamMoment;
  readonly range: Range;
  /** The user whose own reactions are marked. */
  readonly user?: string;
};

const commitsAtOnce = 200;

type EventRef = { readonly seq: number; readonly indexIn: (commit: Commit) => number };

/** Events of a circle's partition, in the given order. */
const eventsAt = async (
  { log }: PastMessagesDeps,
  circle: string,
  refs: readonly EventRef[],
): Promise<Change[]> => {
  const partition = partitionOf(circleAggregate(circle as CircleId), log.info.partitions);
  const changes: Change[] = [];
  for (let from = 0; from < refs.length; from += commitsAtOnce) {
    const batch = refs.slice(from, from + commitsAtOnce);
    const commits = await log.at(partition, [...new Set(batch.map(({ seq }) => seq))]);
    const bySeq = new Map(commits.map(({ seq, commit }) => [seq, commit]));
    for (const { seq, indexIn } of batch) {
      const commit = bySeq.get(seq);
      const index = commit ? indexIn(commit) : 0;
      const event = commit?.events[index];
      if (!commit || !event)
        throw new Error(`the log has no commit at ${formatPosition({ partition, seq })}`);
      if (isKnown(event)) changes.push({ ...event, n: commit.n + index } as Change);
    }
  }
  return changes;
};

/** The numbers of the first and last message of a page. They are consecutive, so no row is needed. */
const windowOf = (
  { before, after, around, limit }: Range,
  last: number,
): { readonly first: number; readonly end: number } => {
  if (after !== undefined) return { first: after + 1, end: Math.min(last, after + limit) };
  const middle = Math.min(around ?? (before ?? last + 1) - 1, last);
  const half = around === undefined ? 0 : Math.floor((limit - 1) / 2);
  const newer = around === undefined ? 0 : Math.max(half, limit - middle);
  const end = Math.min(last, middle + newer);
  return { first: Math.max(1, end - limit + 1), end };
};

/** A message while its events are applied. */
class PastMessage {
  readonly #row: MessageRow;
  readonly #reactions = new Map<string, Set<string>>();

  constructor({ _id, s, id, m, n, seq, at, by, replyTo }: MessageRow) {
    this.#row = { _id, s, id, m, n, seq, at, by, ...defined({ replyTo }) };
  }

  applyEvent(event: Change): void {
    switch (event.k) {
      case 'message-posted':
        Object.assign(this.#row, { text: event.d.text, mentions: event.d.mentions });
        break;
      case 'message-edited': {
        const { text, mentions } = event.d;
        Object.assign(this.#row, { edited: { text, at: event.at }, mentions });
        break;
      }
      case 'message-deleted':
        this.#row.deleted = true;
        break;
      case 'message-pinned':
      case 'message-unpinned':
        this.#row.pinned = event.k === 'message-pinned';
        break;
      case 'reaction-added':
        this.#who(event.d.emoji).add(event.by);
        break;
      case 'reaction-removed':
        this.#who(event.d.emoji).delete(event.by);
        if (this.#who(event.d.emoji).size === 0) this.#reactions.delete(event.d.emoji);
        break;
    }
  }

  #who(emoji: string): Set<string> {
    const who = this.#reactions.get(emoji) ?? new Set();
    this.#reactions.set(emoji, who);
    return who;
  }

  view(user: string): MessageView {
    const reactions = [...this.#reactions];
    const counts = reactions.map(([emoji, who]) => [emojiKey(emoji), who.size] as const);
    const mine = reactions.flatMap(([emoji, who]) => (who.has(user) ? emoji : []));
    return messageView({ ...this.#row, reactions: Object.fromEntries(counts) }, mine);
  }
}

/** The original event of a message, if its row still contains the text. */
const postedIn = ({ id, m, n, at, by, text, edited, mentions = [] }: MessageRow): Change[] =>
  text === undefined || edited
    ? []
    : [{ k: 'message-posted', v: 1, d: { id, m, text, mentions }, n, at, by }];

/**
 * A page of a stream at a moment, ascending, and the number of its newest message then. Texts that were deleted or
 * edited later come from the log.
 */
export const pastMessages = async (
  deps: PastMessagesDeps,
  { circle, stream, then, range, user = '' }: PageThen,
): Promise<{ readonly messages: MessageView[]; readonly last: number }> => {
  const s = formatStreamPath(circle, stream);
  const last = await lastMessageAt(deps, s, then.n);
  const { first, end } = windowOf(range, last);
  if (first > end) return { messages: [], last };
  const rows = await deps.messages.page(s, { after: first - 1, limit: end - first + 1 });
  const ids = rows.map(({ id }) => id);
  const messages = new Map(rows.map((row) => [row.id, new PastMessage(row)]));
  const changed = rows.filter((row) => postedIn(row).length === 0);
  const posts = changed.map(({ seq, n }) => ({ seq, indexIn: (commit: Commit) => n - commit.n }));
  const changes = await deps.trail.ofMessages(circle, ids, then.place);
  // Ids of messages are unique only within a stream: clients choose them.
  const later = changes
    .filter((change) => change.stream === stream)
    .map(({ seq, index }) => ({ seq, indexIn: () => index }));
  const events = await eventsAt(deps, circle, [...posts, ...later]);
  for (const event of [...rows.flatMap(postedIn), ...events])
    messages.get(event.d.id)?.applyEvent(event);
  return { messages: [...messages.values()].map((message) => message.view(user)), last };
};
