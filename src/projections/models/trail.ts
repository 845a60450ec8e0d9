import Type from 'typebox';
import { circleKinds } from '../../events/kinds/circle.ts';
import { streamKinds } from '../../events/kinds/stream.ts';
import type { EventKind } from '../../events/kinds.ts';
import { type Context, type ProjectedEvent, type Projection, projection } from '../projection.ts';
import { placeOf } from '../store.ts';

/**
 * One row per event of a circle and of its streams, without what it says. `_id`: `<circle>/<place>`, the place of
 * the event in its partition (`placeOf`) in 16 digits, so that a circle's rows sort as things happened.
 */
export const TrailRow = Type.Object({
  _id: Type.String(),
  k: Type.String(),
  /** The number of the event in its circle or its stream. */
  n: Type.Integer(),
  at: Type.Integer(),
  by: Type.String(),
  /** In which stream it happened, or which stream of the circle it is about. */
  stream: Type.Optional(Type.String()),
  /** Whom it befell. */
  user: Type.Optional(Type.String()),
  /** The message that was changed; not that which was posted. */
  message: Type.Optional(Type.String()),
  /** By what it is found: see `tagOf`. */
  tags: Type.Array(Type.String()),
});
export type TrailRow = Type.Static<typeof TrailRow>;

/** By what rows are found, beside their circle. */
export const tagOf = {
  by: (user: string) => `by/${user}`,
  /** What happened in a stream, and what happened to it. */
  stream: (stream: string) => `s/${stream}`,
  kind: (kind: string) => `k/${kind}`,
  user: (user: string) => `u/${user}`,
  message: (message: string) => `m/${message}`,
  /** What happened to the circle itself, not in its streams. */
  circle: 'c',
} as const;

/** Kinds of which there are so many that their rows are not found by kind. */
const frequent: ReadonlySet<string> = new Set<EventKind>([
  'message-posted',
  'reaction-added',
  'reaction-removed',
]);

/** Whether rows of this kind are found by it. */
export const isTagged = (kind: string): boolean => !frequent.has(kind);

/** The `_id` of an event's row. */
export const trailId = (circle: string, place: number): string =>
  `${circle}/${String(place).padStart(16, '0')}`;

const inserted = (document: TrailRow) => [{ insertOne: { document } }];

type Seen = Pick<ProjectedEvent, 'k' | 'n' | 'at' | 'by' | 'seq' | 'index'>;

const rowOf = ({ k, n, at, by, seq, index }: Seen, circle: string) => ({
  _id: trailId(circle, placeOf(seq, index)),
  ...{ k, n, at, by },
});

/** What happened to a circle: whom or which stream it concerns stands in its data. */
const ofCircle = (event: ProjectedEvent, { id: circle }: Context) => {
  const { k, by } = event;
  const d = event.d as { readonly user?: string; readonly id?: string };
  const { user, id: stream } = d;
  const tags: string[] = [tagOf.by(by), tagOf.circle, tagOf.kind(k)];
  if (user !== undefined) tags.push(tagOf.user(user));
  if (stream !== undefined) tags.push(tagOf.stream(stream));
  return inserted({
    ...rowOf(event, circle),
    ...(stream !== undefined && { stream }),
    ...(user !== undefined && { user }),
    tags,
  });
};

/** What was done to a message that is there. */
const toMessage = (event: ProjectedEvent, { id: stream, circle = '' }: Context) => {
  const { k, by } = event;
  const { id: message } = event.d as { readonly id: string };
  const tags: string[] = [tagOf.by(by), tagOf.stream(stream), tagOf.message(message)];
  if (isTagged(k)) tags.push(tagOf.kind(k));
  return inserted({ ...rowOf(event, circle), stream, message, tags });
};

/** Every post writes one: as little as finds it. */
const posted = (event: ProjectedEvent, { id: stream, circle = '' }: Context) =>
  inserted({
    ...rowOf(event, circle),
    stream,
    tags: [tagOf.by(event.by), tagOf.stream(stream)],
  });

const opened = (event: ProjectedEvent, { id: stream, circle = '' }: Context) =>
  inserted({
    ...rowOf(event, circle),
    stream,
    tags: [tagOf.by(event.by), tagOf.stream(stream), tagOf.kind(event.k)],
  });

const each = (kinds: object, handler: typeof ofCircle): Projection['on'] =>
  Object.fromEntries(Object.keys(kinds).map((kind) => [kind, handler]));

/** What happened in each circle, when and by whose doing. */
export const trail = projection({
  name: 'trail',
  version: 1,
  indexes: [{ tags: 1, _id: 1 }],
  schema: TrailRow,
  on: {
    ...each(circleKinds, ofCircle),
    ...each(streamKinds, toMessage),
    'message-posted': posted,
    'stream-opened': opened,
  },
});
