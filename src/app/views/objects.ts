import * as Type from 'typebox';
import { streamPathPattern, webUrlPattern } from '../fields.ts';
import { errors } from '../refusals.ts';

/**
 * The schemas of answers, for the descriptions of both transports. Answers are not built from them, but a test
 * validates what the server sends against them.
 */

const Id = Type.String({ format: 'uuid' });
const StreamName = Type.String({
  pattern: streamPathPattern,
  description: '`<circle id>/<stream id>`',
});
const Avatar = Type.String({ pattern: webUrlPattern });
/** A time, in ms since 1970. */
const Time = Type.Integer({ minimum: 0, description: 'Milliseconds since 1970.' });
const Count = Type.Integer({ minimum: 0 });
const Kind = Type.Union([Type.Literal('circle'), Type.Literal('direct')]);
const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);

/** An object of the protocol, named by its title in the descriptions. */
const named = <T extends Type.TProperties>(title: string, properties: T) =>
  Type.Object(properties, { title });

/** How far read models are that are being built from the log. */
export const Building = Type.Object(
  {
    models: Type.Array(Type.String()),
    applied: Count,
    total: Count,
    percent: Type.Integer({ minimum: 0, maximum: 100 }),
    rate: Type.Integer({ minimum: 0, description: 'Commits a second.' }),
    secondsLeft: Type.Optional(Count),
  },
  { description: 'Read models that are being built: commits applied, of those in the log.' },
);

/** An error over HTTP (RFC 9457). */
export const Problem = named('Problem', {
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.Union(Object.keys(errors).map((code) => Type.Literal(code))),
  detail: Type.String(),
  field: Type.Optional(Type.String({ description: 'The field that is invalid.' })),
  retryAfter: Type.Optional(Type.Integer({ description: 'Retry after so many milliseconds.' })),
  now: Type.Optional(
    Type.Integer({
      description: 'The server’s clock in ms since 1970, by which keys are validated.',
    }),
  ),
  building: Type.Optional(Building),
});

const person = {
  id: Id,
  username: Type.String(),
  displayName: Type.String(),
  avatar: Type.Optional(Avatar),
  about: Type.Optional(Type.String()),
};

export const User = named('User', person);

const memberNames = {
  nickname: Type.Optional(Type.String()),
  avatar: Type.Optional(Avatar),
};

/** A user who appears in messages. */
export const Person = named('Person', {
  ...person,
  member: Type.Optional(
    Type.Object(memberNames, { description: 'Their names in this circle, where they differ.' }),
  ),
});

export const Session = named('Session', {
  id: Id,
  createdAt: Time,
  lastSeenAt: Time,
  userAgent: Type.Optional(Type.String()),
  current: Type.Boolean({ description: 'Whether it is the session of this request.' }),
});

export const Stream = named('Stream', {
  id: Id,
  s: StreamName,
  name: Type.String(),
  topic: Type.Optional(Type.String()),
  archived: Type.Optional(Type.Literal(true)),
  last: Type.Integer({ minimum: 0, description: 'The number of its newest message.' }),
});

export const Circle = named('Circle', {
  id: Id,
  kind: Kind,
  name: Type.String(),
  about: Type.Optional(Type.String()),
  visibility: Visibility,
  owner: Type.Optional(Id),
  members: Count,
  streams: Type.Optional(Type.Array(Stream, { description: 'Visible to members.' })),
  n: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'The number of its newest event; visible to members.',
    }),
  ),
  /** The other user of a direct conversation. */
  with: Type.Optional(User),
});

/** A circle in a list. */
export const CircleEntry = named('CircleEntry', {
  id: Id,
  kind: Kind,
  name: Type.String(),
  visibility: Visibility,
  with: Type.Optional(User),
});

export const Member = named('Member', { user: User, joinedAt: Time, ...memberNames });

/** A member's own data in a circle. */
export const MemberData = named('MemberData', {
  ...memberNames,
  data: Type.Optional(Type.Unknown({ description: 'The member’s own JSON.' })),
});

export const Invite = named('Invite', {
  code: Type.String(),
  circle: Id,
  by: Id,
  maxUses: Type.Integer({ minimum: 0, description: '0: unlimited.' }),
  uses: Count,
  expiresAt: Type.Optional(Time),
});

/** What an invite shows before it is used. */
export const InvitePreview = named('InvitePreview', {
  circle: Type.Object({
    id: Id,
    name: Type.String(),
    about: Type.Optional(Type.String()),
    members: Count,
  }),
  expiresAt: Type.Optional(Time),
});

export const Message = named('Message', {
  id: Id,
  s: StreamName,
  m: Type.Integer({ minimum: 1, description: 'Its number in the stream.' }),
  n: Type.Integer({ minimum: 1, description: 'The number of the event that posted it.' }),
  at: Time,
  by: Id,
  text: Type.Optional(Type.String({ description: 'Absent if the message was deleted.' })),
  replyTo: Type.Optional(Id),
  mentions: Type.Optional(Type.Array(Id)),
  reactions: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({ count: Type.Integer({ minimum: 1 }), me: Type.Boolean() }),
      { description: 'By emoji; `me`: whether you have reacted with it.' },
    ),
  ),
  editedAt: Type.Optional(Time),
  deleted: Type.Optional(Type.Literal(true)),
  pinned: Type.Optional(Type.Literal(true)),
});

/** The result of posting a message. */
export const Posted = named('Posted', {
  id: Id,
  n: Type.Integer({ minimum: 1 }),
  m: Type.Integer({ minimum: 1 }),
  at: Time,
});

/** Consecutive messages. */
export const MessagePage = named('MessagePage', {
  messages: Type.Array(Message),
  users: Type.Array(Person),
  more: Type.Object({ before: Type.Boolean(), after: Type.Boolean() }),
});

export const Edit = named('Edit', { at: Time, text: Type.String() });

const Fields = Type.Record(Type.String(), Type.Unknown());

/** An entry of the audit trail. */
export const AuditEntry = named('AuditEntry', {
  position: Type.String({ description: '`<partition>:<seq>`' }),
  n: Type.Integer({ minimum: 1, description: 'The number of the event in its circle or stream.' }),
  k: Type.String({ description: 'The kind of event.' }),
  of: Type.Union([Type.Literal('circle'), Type.Literal('stream')]),
  circle: Id,
  stream: Type.Optional(Id),
  user: Type.Optional(Type.String({ format: 'uuid', description: 'The affected member.' })),
  message: Type.Optional(Id),
  at: Time,
  by: Id,
  session: Type.Optional(Id),
  connection: Type.Optional(Id),
  before: Type.Optional(Fields),
  after: Type.Optional(Fields),
});

/** The unread messages of a stream. */
export const Unread = named('Unread', {
  s: StreamName,
  last: Count,
  read: Count,
  unread: Type.Integer({ minimum: 0, maximum: 100, description: '100: 100 or more.' }),
  mentions: Type.Integer({ minimum: 0, maximum: 100, description: '100: 100 or more.' }),
});

/** The presence of a circle. */
export const Presence = named('Presence', { online: Type.Array(Id), idle: Type.Array(Id) });

export const Me = named('Me', {
  user: User,
  circles: Type.Array(CircleEntry),
  more: Type.Optional(Type.Literal(true, { description: 'There are more circles.' })),
});

export const Limits = named('Limits', {
  frame: Count,
  subscriptions: Count,
  unanswered: Count,
  commands: Type.Object({ burst: Count, perSecond: Count }),
  signals: Count,
  text: Count,
  page: Count,
});

export const Server = named('Server', {
  name: Type.String(),
  version: Type.String(),
  registration: Type.Union([Type.Literal('open'), Type.Literal('invite'), Type.Literal('closed')], {
    description: '`invite`: only with the code of an invite to a circle.',
  }),
  login: Type.Array(Type.String(), { description: 'The ways to log in; `password` is one.' }),
  limits: Limits,
});

/** The event after which the state is shown, in answers to requests with `at`. */
export const Then = named('Then', {
  n: Type.Integer({ minimum: 0, description: 'Its number; 0: before the first.' }),
  at: Time,
});

/** Included in answers to requests with `at`. */
const then = { moment: Type.Optional(Then) };

/** Consecutive messages, now or in the past. */
export const MessagePageThen = Type.Object({ ...MessagePage.properties, ...then });

/** An answer with one object under its name, now or in the past. */
export const holdingThen = <T extends Type.TProperties>(properties: T) =>
  Type.Object({ ...properties, ...then });

/** An answer with a page of objects under their name, now or in the past. */
export const listingThen = (name: string, schema: Type.TSchema) => listing(name, schema, then);

/** An answer with a page of objects under their name. */
export const listing = (name: string, schema: Type.TSchema, more: Type.TProperties = {}) =>
  Type.Object({
    [name]: Type.Array(schema),
    ...more,
    next: Type.Optional(Type.String({ description: 'The `cursor` of the next page.' })),
  });
