import type { Aggregate } from '../events/aggregate.ts';
import type { EventStamp } from '../events/commit.ts';
import type { EventKind, EventOf, KnownEvent } from '../events/kinds/kinds.ts';

/** An event in the log, with its aggregate, its number there, and its position. */
export type Fact = KnownEvent &
  EventStamp & { readonly of: Aggregate; readonly n: number; readonly position: string };

type FactOf<K extends EventKind> = Fact & EventOf<K>;

/** The events about a message and its author, each list in the order of the log. */
export type Facts = {
  readonly circle: string;
  readonly stream: string;
  readonly post: FactOf<'message-posted'>;
  /** Later changes of the message. */
  readonly later: readonly Fact[];
  /** Events of the circle before and after the message was posted. */
  readonly before: readonly Fact[];
  readonly after: readonly Fact[];
  /** Events of the author's account. */
  readonly author: readonly Fact[];
};

/** A relevant event, in words. */
export type Step = Pick<Fact, 'k' | 'of' | 'n' | 'position' | 'at' | 'by'> & {
  readonly what: string;
};

export type Explanation = {
  readonly message: {
    readonly id: string;
    readonly circle: string;
    readonly stream: string;
    readonly m: number;
    readonly text: string;
  };
  /** Whether the author had permission to post it, by the log. */
  readonly right: boolean;
  /** The reason, in one sentence. */
  readonly because: string;
  /** The reasons against it; empty if the author had permission. */
  readonly faults: readonly string[];
  /** The events that gave the author permission, and the message itself. */
  readonly steps: readonly Step[];
  /** Later events of the message, its stream and circle, and the author's membership. */
  readonly since: readonly Step[];
};

/** The last event of these kinds that matches. */
const last = <K extends EventKind>(
  facts: readonly Fact[],
  kinds: readonly K[],
  matches: (fact: FactOf<K>) => boolean = () => true,
): FactOf<K> | undefined =>
  facts.findLast(
    (fact): fact is FactOf<K> =>
      (kinds as readonly string[]).includes(fact.k) && matches(fact as FactOf<K>),
  );

const step = ({ k, of, n, position, at, by }: Fact, what: string): Step => ({
  k,
  of,
  n,
  position,
  at,
  by,
  what,
});

const time = (atMs: number): string => new Date(atMs).toISOString();

/** Collects evidence for and against the author. */
class Case {
  readonly steps: Step[] = [];
  readonly faults: string[] = [];
  /** Why the author was a member of the circle. */
  ground = '';

  show(fact: Fact | undefined, what: string): void {
    if (fact) this.steps.push(step(fact, what));
  }
}

const account = (found: Case, { post, author }: Facts): void => {
  const registered = last(author, ['user-registered']);
  if (!registered) found.faults.push('the log has no account of this author');
  found.show(registered, `registered as ${registered?.d.username}`);
  if (post.ses === undefined) return;
  const opened = last(author, ['session-opened'], ({ d }) => d.id === post.ses);
  if (!opened)
    found.faults.push('the session in which it was posted does not belong to the author');
  found.show(opened, `session ${post.ses} opened`);
};

const usesText = (maxUses: number): string =>
  maxUses === 0 ? 'unlimited uses' : maxUses === 1 ? 'one use' : `${maxUses} uses`;

/** Checks the invite by which the author joined, at the time of joining. */
const byInvite = (found: Case, past: readonly Fact[], joined: FactOf<'member-joined'>): void => {
  const code = joined.d.invite;
  const isOf = ({ d }: FactOf<'invite-created' | 'invite-revoked'>): boolean => d.code === code;
  const made = last(past, ['invite-created'], isOf);
  if (!made) {
    found.faults.push(`the author joined by invite ${code}, which did not exist`);
    return;
  }
  const { maxUses, expiresAt } = made.d;
  const ends = expiresAt === undefined ? '' : `, until ${time(expiresAt)}`;
  found.show(made, `invite ${code} created: ${usesText(maxUses)}${ends}`);
  const since = past.slice(past.indexOf(made));
  const uses = since.filter(({ k, d }) => k === 'member-joined' && d.invite === code).length;
  const against = last(since, ['invite-revoked'], isOf)
    ? 'had been revoked'
    : expiresAt !== undefined && joined.at >= expiresAt
      ? 'had expired'
      : maxUses > 0 && uses >= maxUses
        ? 'was used up'
        : undefined;
  if (against) found.faults.push(`the author joined by invite ${code}, which ${against}`);
  found.ground = `joined by invite ${code} and had not left`;
};

/** Checks why the author could join, by the state of the circle at that time. */
const entry = (found: Case, { before }: Facts, joined: FactOf<'member-joined'>): void => {
  const past = before.slice(0, before.indexOf(joined));
  const created = last(past, ['circle-created']);
  if (!created) return;
  const { kind, visibility } = created.d;
  const changed = last(past, ['circle-updated'], ({ d }) => d.visibility !== undefined);
  found.show(created, kind === 'direct' ? 'direct conversation opened' : circleWords(created.d));
  const isPublic = (changed?.d.visibility ?? visibility) === 'public';
  found.show(changed, `circle made ${isPublic ? 'public' : 'private'}`);
  if (kind === 'direct') found.ground = 'was one of the two members of a direct conversation';
  else if (joined.d.invite !== undefined) byInvite(found, past, joined);
  else if (created.d.owner === joined.d.user && joined.n === created.n + 1)
    found.ground = 'created the circle and was a member';
  else if (isPublic) found.ground = 'joined while the circle was public and had not left';
  else found.faults.push('the author joined while the circle was private, without an invite');
};

const circleWords = ({ name, visibility }: FactOf<'circle-created'>['d']): string =>
  `circle “${name}” created, ${visibility}`;

const membership = (found: Case, facts: Facts): void => {
  const { before, post } = facts;
  const isTheirs = ({ d }: FactOf<'member-joined' | 'member-left' | 'member-removed'>) =>
    d.user === post.by;
  const joined = last(before, ['member-joined'], isTheirs);
  if (!last(before, ['circle-created'])) found.faults.push('the circle did not exist yet');
  if (!joined) {
    found.faults.push('the author had never joined the circle');
    return;
  }
  entry(found, facts, joined);
  found.show(
    joined,
    joined.d.invite === undefined ? 'joined' : `joined by invite ${joined.d.invite}`,
  );
  const since = before.slice(before.indexOf(joined));
  const ended = last(since, ['member-left', 'member-removed'], isTheirs);
  found.show(ended, ended?.k === 'member-left' ? 'left the circle' : 'removed from the circle');
  if (ended) found.faults.push(`the author was not a member of the circle since ${time(ended.at)}`);
  const deleted = last(since, ['circle-deleted']);
  found.show(deleted, 'circle deleted');
  if (deleted) found.faults.push(`the circle was deleted at ${time(deleted.at)}`);
};

const openStream = (found: Case, { before, stream }: Facts): void => {
  const isOf = ({ d }: { readonly d: { readonly id: string } }): boolean => d.id === stream;
  const created = last(before, ['stream-created'], isOf);
  if (!created) {
    found.faults.push('the stream did not exist yet');
    return;
  }
  found.show(created, `stream “${created.d.name}” created`);
  const restored = last(before, ['stream-restored'], isOf);
  const archived = last(before, ['stream-archived'], isOf);
  const isArchived = archived && (!restored || restored.n < archived.n);
  found.show(archived, 'stream archived');
  if (!isArchived) found.show(restored, 'stream restored');
  if (isArchived) found.faults.push(`the stream was archived since ${time(archived.at)}`);
  const deleted = last(before, ['stream-deleted'], isOf);
  found.show(deleted, 'stream deleted');
  if (deleted) found.faults.push(`the stream was deleted at ${time(deleted.at)}`);
};

const done = (fact: Fact, { post }: Facts): string | undefined => {
  if (fact.k === 'message-edited') return `edited: ${fact.d.text}`;
  if (fact.k !== 'message-deleted') return undefined;
  return fact.by === post.by ? 'deleted by its author' : 'deleted by the owner of the circle';
};

const toAuthor: Readonly<Partial<Record<EventKind, string>>> = {
  'member-joined': 'the author joined again',
  'member-left': 'the author left the circle',
  'member-removed': 'the author was removed from the circle',
};

const toStream: Readonly<Partial<Record<EventKind, string>>> = {
  'stream-archived': 'stream archived',
  'stream-restored': 'stream restored',
  'stream-deleted': 'stream deleted',
};

const around = ({ k, d }: Fact, { post, stream }: Facts): string | undefined => {
  if (k === 'circle-deleted') return 'circle deleted';
  const about = d as { readonly user?: string; readonly id?: string };
  return about.user === post.by ? toAuthor[k] : about.id === stream ? toStream[k] : undefined;
};

/** Later events of the message, its stream, its circle, and the author in it. */
const sinceThen = (facts: Facts): Step[] => {
  const steps = [...facts.later, ...facts.after].flatMap((fact) => {
    const what = done(fact, facts) ?? around(fact, facts);
    return what === undefined ? [] : [step(fact, what)];
  });
  return steps.sort(byTime);
};

const byTime = (one: Step, other: Step): number => one.at - other.at;

/** Determines from the log alone whether the author had permission to post a message, and why. */
export const explain = (facts: Facts): Explanation => {
  const { post, circle, stream } = facts;
  const found = new Case();
  account(found, facts);
  membership(found, facts);
  openStream(found, facts);
  const { id, m, text } = post.d;
  const right = found.faults.length === 0;
  const because = right
    ? `The author ${found.ground}, and the stream was open.`
    : `By the log the author did not have permission to post it: ${found.faults.join('; ')}.`;
  const { faults } = found;
  const steps = [...found.steps.sort(byTime), step(post, `posted as message ${m}`)];
  return {
    message: { id, circle, stream, m, text },
    right,
    because,
    faults,
    steps,
    since: sinceThen(facts),
  };
};
