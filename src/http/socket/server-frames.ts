import * as Type from 'typebox';
import * as objects from '../../app/views/objects.ts';

/**
 * The schemas of all frames from the server, for the description. Frames are not built from them, but a test validates
 * what the server sends against them.
 */

const Id = Type.String({ format: 'uuid' });
const RequestId = Type.String({ description: 'The id of the request.' });
const Count = Type.Integer({ minimum: 0 });
const Now = Type.Integer({ description: 'By the server’s clock, in ms since 1970.' });
const EventStream = Type.String({
  description: '`me`, `<circle id>` or `<circle id>/<stream id>`',
});

/** The data of the `ok` to hello. */
export const Welcome = Type.Object(
  {
    epoch: Type.String({
      description: 'Identifies this log; event numbers are valid only together with it.',
    }),
    connection: Id,
    session: Type.Object({ id: Id }),
    user: objects.User,
    ping: Type.Integer({ description: 'How often the server pings, in ms.' }),
    now: Now,
    limits: objects.Limits,
    token: Type.Optional(Type.String({ description: 'After a log-in with a password.' })),
  },
  { title: 'Welcome' },
);

/** An `ok` with or without data. */
export const okWith = (d?: Type.TSchema) =>
  Type.Object({ t: Type.Literal('ok'), id: RequestId, ...(d && { d }) });

const frame = <T extends Type.TProperties>(t: string, properties: T) =>
  Type.Object({ t: Type.Literal(t), ...properties });

const reset = <T extends Type.TProperties>(state: T) =>
  frame('reset', {
    s: EventStream,
    n: Count,
    why: Type.Union([Type.Literal('new'), Type.Literal('too-far'), Type.Literal('epoch')], {
      description: 'For logging; clients handle all alike.',
    }),
    ...state,
  });

/** A signal of one kind. */
const signal = (k: string, properties: Type.TProperties) =>
  frame('sig', { s: EventStream, k: Type.Literal(k), ...properties });

type Described = { readonly summary: string; readonly form: Type.TSchema };

/** All frames from the server except `ok` and `events`, by `t`. */
export const serverFrames: Readonly<Record<string, Described>> = {
  err: {
    summary: 'A request is refused; with `retryAfter`, the same frame may be sent again after it.',
    form: frame('err', {
      id: Type.Optional(RequestId),
      code: objects.Problem.properties.code,
      message: Type.String(),
      field: Type.Optional(Type.String()),
      retryAfter: Type.Optional(Count),
      now: Type.Optional(Now),
    }),
  },
  reset: {
    summary: 'The state of an event stream at exactly `n`; the events after `n` follow.',
    form: Type.Union([
      reset({
        stream: objects.Stream,
        messages: Type.Array(objects.Message),
        more: Type.Optional(objects.MessagePage.properties.more),
        users: Type.Array(objects.Person),
        read: Count,
      }),
      reset({ circle: objects.Circle }),
      reset({ me: objects.Me }),
    ]),
  },
  live: {
    summary: 'Everything up to `n` has been sent; what follows is live.',
    form: frame('live', { s: EventStream, n: Count }),
  },
  end: {
    summary: 'The subscription has ended.',
    form: frame('end', {
      s: EventStream,
      code: Type.Union([Type.Literal('removed'), Type.Literal('deleted')]),
    }),
  },
  sig: {
    summary:
      'A signal, which may be lost: typing, presence, a read marker from another connection, fewer unread messages.',
    form: Type.Union([
      signal('typing', {
        by: Id,
        ttl: Type.Integer({ description: 'How long it is valid, in ms.' }),
      }),
      signal('presence', {
        d: Type.Object({
          online: Type.Array(Id),
          idle: Type.Array(Id),
          offline: Type.Array(Id),
        }),
      }),
      signal('read', { d: Type.Object({ s: EventStream, m: Count }) }),
      signal('unread', {}),
    ]),
  },
  activity: {
    summary: 'Something was posted in a stream that you can read and have not subscribed to.',
    form: frame('activity', { s: EventStream, m: Count, mention: Type.Boolean() }),
  },
  ping: {
    summary: 'To be echoed by `pong`.',
    form: frame('ping', { n: Count }),
  },
  bye: {
    summary: 'The connection will be closed; reconnect after `after` milliseconds.',
    form: frame('bye', { code: Type.Integer(), reason: Type.String(), after: Count }),
  },
};
