import { type Aggregate, circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, directCircle, type StreamId, type UserId } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import type { Dice } from './dice.ts';
import type { Person } from './people.ts';
import type { Round, Stamp } from './round.ts';
import { textOf, titleOf } from './texts.ts';

/** A message that something may still happen to. */
export type Message = {
  readonly id: string;
  readonly m: number;
  readonly by: Person;
  mentions: readonly string[];
  /** Who has reacted, by the emoji. */
  reactions?: Map<string, Set<string>>;
};

/** A stream as far as the next event depends on it. */
export type Stream = {
  readonly circle: Circle;
  readonly aggregate: Aggregate;
  m: number;
  readonly recent: Message[];
  readonly pins: Set<string>;
};

/** A circle as far as the next event depends on it; a direct conversation has no owner. */
export type Circle = {
  readonly id: string;
  readonly aggregate: Aggregate;
  readonly owner: Person | undefined;
  readonly members: Person[];
  readonly invites: string[];
};

type Tools = { readonly dice: Dice; readonly round: Round };

const streamOf = (circle: Circle, id: string): Stream => ({
  circle,
  aggregate: streamAggregate(circle.id as CircleId, id as StreamId),
  m: 0,
  recent: [],
  pins: new Set(),
});

/** Creates a circle with its first stream. */
export const createCircle = ({ dice, round }: Tools, owner: Person, at: number): Stream => {
  const id = dice.id(at);
  const aggregate = circleAggregate(id as CircleId);
  const stamp = { by: owner.id, at };
  const visibility = dice.next() < 0.4 ? ('public' as const) : ('private' as const);
  const about = dice.next() < 0.5 ? { about: textOf(dice).slice(0, 200) } : {};
  const facts = { kind: 'circle' as const, name: titleOf(dice), visibility, owner: owner.id };
  const n = round.add(
    aggregate,
    stamp,
    event('circle-created', { ...facts, ...about }),
    event('member-joined', { user: owner.id }),
    event('stream-created', { id, name: 'general' }),
  );
  const circle = { id, aggregate, owner, members: [owner], invites: [] };
  return begun(round, circle, { stamp, id, n: n - 1 });
};

/** Opens the direct conversation of two people. */
export const openDirect = (
  { round }: Tools,
  [one, other]: readonly [Person, Person],
  at: number,
): Stream => {
  const id = directCircle(one.id as UserId, other.id as UserId);
  const aggregate = circleAggregate(id);
  const stamp = { by: one.id, at };
  const n = round.add(
    aggregate,
    stamp,
    event('circle-created', { kind: 'direct', name: '', visibility: 'private' }),
    event('member-joined', { user: one.id }),
    event('member-joined', { user: other.id }),
    event('stream-created', { id, name: 'general' }),
  );
  round.tell(other.id, stamp, event('circle-joined', { circle: id, n: n - 1 }));
  const circle = { id, aggregate, owner: undefined, members: [one, other], invites: [] };
  return begun(round, circle, { stamp, id, n: n - 2 });
};

/** What follows from a new circle: its stream is opened, and who made it is told. */
const begun = (
  round: Round,
  circle: Circle,
  { stamp, id, n }: { stamp: Stamp; id: string; n: number },
): Stream => {
  const stream = streamOf(circle, id);
  round.add(stream.aggregate, stamp, event('stream-opened', {}));
  round.tell(stamp.by, stamp, event('circle-joined', { circle: circle.id, n }));
  return stream;
};

/** Adds a stream to a circle that somebody owns. */
export const createStream = ({ dice, round }: Tools, circle: Circle, stamp: Stamp): Stream => {
  const id = dice.id(stamp.at);
  const topic = dice.next() < 0.3 ? { topic: textOf(dice).slice(0, 200) } : {};
  round.add(
    circle.aggregate,
    stamp,
    event('stream-created', { id, name: titleOf(dice), ...topic }),
  );
  const stream = streamOf(circle, id);
  round.add(stream.aggregate, stamp, event('stream-opened', {}));
  return stream;
};

/** Somebody comes into a circle, now and then by an invite that is made for it. */
export const join = (
  { dice, round }: Tools,
  { circle, newcomer }: { circle: Circle; newcomer: Person },
  at: number,
): void => {
  const { aggregate, invites, owner } = circle;
  const stamp = { by: newcomer.id, at };
  if (owner && dice.next() < 0.1) {
    const code = dice.id(at).replaceAll('-', '').slice(12);
    round.add(aggregate, { by: owner.id, at }, event('invite-created', { code, maxUses: 0 }));
    invites.push(code);
  }
  const invite = invites.length > 0 && dice.next() < 0.5 ? { invite: dice.pick(invites) } : {};
  const n = round.add(aggregate, stamp, event('member-joined', { user: newcomer.id, ...invite }));
  round.tell(newcomer.id, stamp, event('circle-joined', { circle: circle.id, n }));
  circle.members.push(newcomer);
};

/** The one who came last goes, or is sent away; who owns the circle stays. */
export const leave = ({ dice, round }: Tools, circle: Circle, at: number): void => {
  const leaver = circle.owner && circle.members.length > 1 ? circle.members.pop() : undefined;
  if (!(leaver && circle.owner)) return;
  const user = leaver.id;
  const isSent = dice.next() < 0.2;
  const stamp = { by: isSent ? circle.owner.id : user, at };
  const left = isSent ? event('member-removed', { user }) : event('member-left', { user });
  const n = round.add(circle.aggregate, stamp, left);
  round.tell(user, stamp, event('circle-left', { circle: circle.id, n }));
};

/** Somebody calls themselves something in a circle, or its owner says what it is about. */
export const decorate = ({ dice, round }: Tools, circle: Circle, at: number): void => {
  const { aggregate, owner, members } = circle;
  if (owner && dice.next() < 0.3) {
    const about = textOf(dice).slice(0, 200);
    round.add(aggregate, { by: owner.id, at }, event('circle-updated', { about }));
    return;
  }
  const { id: user } = dice.pick(members);
  const nickname = dice.next() < 0.8 ? titleOf(dice) : null;
  round.add(aggregate, { by: user, at }, event('member-data-changed', { user, nickname }));
};
