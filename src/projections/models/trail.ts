import * as Type from 'typebox';
import { eventKey } from '../../events/event-key.ts';
import { circleKinds } from '../../events/kinds/circle.ts';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { streamKinds } from '../../events/kinds/stream.ts';
import { Time } from '../../store/times.ts';
import type { Context, ProjectedEvent, Projection } from '../projection.ts';
import { dated } from './dated.ts';

/**
 * One row per event of a circle and of its streams, without its data. `_id`: `<circle>/<event key>`, the key
 * (`eventKey`) in 16 digits, so that a circle's rows sort in the order of the log.
 */
export const TrailRow = Type.Object({
  _id: Type.String(),
  k: Type.String(),
  /** The number of the event in its circle or its stream. */
  n: Type.Integer(),
  at: Time,
  /** Its subjects, by which it is found: see `tagOf`. */
  tags: Type.Array(Type.String()),
});
export type TrailRow = Type.Static<typeof TrailRow>;

export type Subjects = {
  readonly by: string;
  /** The stream that it happened in, or the stream of the circle that it is about. */
  readonly stream?: string;
  /** The affected member. */
  readonly user?: string;
  /** The message that was changed; absent for the posting itself. */
  readonly message?: string;
};

/** The tags by which the rows of a circle are found. */
export const tagOf = {
  by: (user: string) => `by/${user}`,
  /** Events in a stream, and those of the circle about it. */
  stream: (stream: string) => `s/${stream}`,
  kind: (kind: string) => `k/${kind}`,
  user: (user: string) => `u/${user}`,
  message: (message: string) => `m/${message}`,
  /** Events of the circle itself, not of its streams. */
  circle: 'c',
} as const;

const subjectBy: { readonly [start: string]: keyof Subjects } = {
  by: 'by',
  s: 'stream',
  u: 'user',
  m: 'message',
};

export const subjectsOf = (tags: readonly string[]): Subjects => {
  const named: { -readonly [subject in keyof Subjects]: Subjects[subject] } = { by: '' };
  for (const tag of tags) {
    const slash = tag.indexOf('/');
    const subject = subjectBy[tag.slice(0, slash)];
    if (subject !== undefined) named[subject] = tag.slice(slash + 1);
  }
  return named;
};

/** Kinds that are so frequent that their rows are not found by kind. */
const frequent: ReadonlySet<string> = new Set<EventKind>([
  'message-posted',
  'reaction-added',
  'reaction-removed',
]);

/** Whether rows of this kind are found by it. */
export const isTagged = (kind: string): boolean => !frequent.has(kind);

export const trailId = (circle: string, place: number): string =>
  `${circle}/${String(place).padStart(16, '0')}`;

const row = (event: ProjectedEvent, circle: string, about: readonly string[]) => {
  const { k, n, at, by, seq, index } = event;
  const tags = [tagOf.by(by), ...about];
  if (isTagged(k)) tags.push(tagOf.kind(k));
  const document: TrailRow = { _id: trailId(circle, eventKey(seq, index)), k, n, at, tags };
  return [{ insertOne: { document } }];
};

/** An event of a circle: its data names the affected member or stream. */
const ofCircle = (event: ProjectedEvent, { id: circle }: Context) => {
  const { user, id: stream } = event.d as { readonly user?: string; readonly id?: string };
  const about: string[] = [tagOf.circle];
  if (user !== undefined) about.push(tagOf.user(user));
  if (stream !== undefined) about.push(tagOf.stream(stream));
  return row(event, circle, about);
};

const inStream = (event: ProjectedEvent, { id: stream, circle = '' }: Context) =>
  row(event, circle, [tagOf.stream(stream)]);

const toMessage = (event: ProjectedEvent, { id: stream, circle = '' }: Context) => {
  const { id: message } = event.d as { readonly id: string };
  return row(event, circle, [tagOf.stream(stream), tagOf.message(message)]);
};

const each = (kinds: object, handler: typeof ofCircle): Projection['on'] =>
  Object.fromEntries(Object.keys(kinds).map((kind) => [kind, handler]));

/** The events of each circle, with their times and users. */
export const trail = dated({
  name: 'trail',
  version: 3,
  indexes: [{ tags: 1, _id: 1 }],
  schema: TrailRow,
  on: {
    ...each(circleKinds, ofCircle),
    ...each(streamKinds, toMessage),
    'message-posted': inStream,
    'stream-opened': inStream,
  },
});
