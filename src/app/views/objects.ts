import Type from 'typebox';
import { streamPathPattern, webUrlPattern } from '../fields.ts';
import { errors } from '../refusals.ts';

/*
 * What answers hold, for the descriptions of both wires: these schemas are not used to make answers, but a test
 * holds what the server says against them.
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

/** An object of the protocol: a title names it in the descriptions. */
const named = <T extends Type.TProperties>(title: string, properties: T) =>
  Type.Object(properties, { title });

/** An error over HTTP (RFC 9457). */
export const Problem = named('Problem', {
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.Union(Object.keys(errors).map((code) => Type.Literal(code))),
  detail: Type.String(),
  field: Type.Optional(Type.String({ description: 'The field that is at fault.' })),
  retryAfter: Type.Optional(
    Type.Integer({ description: 'Send the same again after so many milliseconds.' }),
  ),
  now: Type.Optional(
    Type.Integer({ description: 'The server’s clock, in ms since 1970: what a key must go by.' }),
  ),
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

/** Somebody who stands beside messages. */
export const Person = named('Person', {
  ...person,
  member: Type.Optional(
    Type.Object(memberNames, { description: 'What they are called in this circle.' }),
  ),
});

export const Session = named('Session', {
  id: Id,
  createdAt: Time,
  lastSeenAt: Time,
  userAgent: Type.Optional(Type.String()),
  current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
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
  streams: Type.Optional(Type.Array(Stream, { description: 'Shown to members.' })),
  n: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The number of its newest event; shown to members.' }),
  ),
  with: Type.Optional(User),
});

/** A circle as it stands in a list. */
export const CircleEntry = named('CircleEntry', {
  id: Id,
  kind: Kind,
  name: Type.String(),
  visibility: Visibility,
  with: Type.Optional(User),
});

export const Member = named('Member', { user: User, joinedAt: Time, ...memberNames });

/** What a member has said of themselves in a circle. */
export const MemberData = named('MemberData', {
  ...memberNames,
  data: Type.Optional(Type.Unknown({ description: 'JSON of their own.' })),
});

export const Invite = named('Invite', {
  code: Type.String(),
  circle: Id,
  by: Id,
  maxUses: Type.Integer({ minimum: 0, description: '0: any number.' }),
  uses: Count,
  expiresAt: Type.Optional(Time),
});

/** Where an invite leads. */
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
  text: Type.Optional(Type.String({ description: 'Absent from a tombstone.' })),
  replyTo: Type.Optional(Id),
  mentions: Type.Optional(Type.Array(Id)),
  reactions: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({ count: Type.Integer({ minimum: 1 }), me: Type.Boolean() }),
      { description: 'By emoji; `me`: whether you are among them.' },
    ),
  ),
  editedAt: Type.Optional(Time),
  deleted: Type.Optional(Type.Literal(true)),
  pinned: Type.Optional(Type.Literal(true)),
});

/** What became of a post. */
export const Posted = named('Posted', {
  id: Id,
  n: Type.Integer({ minimum: 1 }),
  m: Type.Integer({ minimum: 1 }),
  at: Time,
});

/** Messages in a row. */
export const MessagePage = named('MessagePage', {
  messages: Type.Array(Message),
  users: Type.Array(Person),
  more: Type.Object({ before: Type.Boolean(), after: Type.Boolean() }),
});

export const Edit = named('Edit', { at: Time, text: Type.String() });

const Fields = Type.Record(Type.String(), Type.Unknown());

/** What happened in a circle, and what it changed. */
export const AuditEntry = named('AuditEntry', {
  position: Type.String({ description: '`<partition>:<place>`' }),
  n: Type.Integer({ minimum: 1, description: 'The number of the event in its circle or stream.' }),
  k: Type.String({ description: 'The kind of event.' }),
  of: Type.Union([Type.Literal('circle'), Type.Literal('stream')]),
  circle: Id,
  stream: Type.Optional(Id),
  user: Type.Optional(Type.String({ format: 'uuid', description: 'Whom it befell.' })),
  message: Type.Optional(Id),
  at: Time,
  by: Id,
  session: Type.Optional(Id),
  connection: Type.Optional(Id),
  before: Type.Optional(Fields),
  after: Type.Optional(Fields),
});

/** How much of a stream is not read yet. */
export const Unread = named('Unread', {
  s: StreamName,
  last: Count,
  read: Count,
  unread: Type.Integer({ minimum: 0, maximum: 100, description: '100: 100 or more.' }),
  mentions: Type.Integer({ minimum: 0, maximum: 100, description: '100: 100 or more.' }),
});

/** Who of a circle is there. */
export const Presence = named('Presence', { online: Type.Array(Id), idle: Type.Array(Id) });

export const Me = named('Me', {
  user: User,
  circles: Type.Array(CircleEntry),
  more: Type.Optional(Type.Literal(true, { description: 'There are circles beside these.' })),
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

/** The event after which something is shown that was asked for with `at`. */
export const Then = named('Then', {
  n: Type.Integer({ minimum: 0, description: 'Its number; 0: before the first.' }),
  at: Time,
});

/** Stands in what was asked for with `at`. */
const then = { moment: Type.Optional(Then) };

/** Messages in a row, now or as they were. */
export const MessagePageThen = Type.Object({ ...MessagePage.properties, ...then });

/** An answer that holds one thing under its name, now or as it was. */
export const holdingThen = <T extends Type.TProperties>(properties: T) =>
  Type.Object({ ...properties, ...then });

/** An answer that holds a page of things under their name, now or as they were. */
export const listingThen = (name: string, schema: Type.TSchema) => listing(name, schema, then);

/** An answer that holds one thing under its name. */
export const holding = <T extends Type.TProperties>(properties: T) => Type.Object(properties);

/** An answer that holds a page of things under their name. */
export const listing = (name: string, schema: Type.TSchema, more: Type.TProperties = {}) =>
  Type.Object({
    [name]: Type.Array(schema),
    ...more,
    next: Type.Optional(Type.String({ description: 'The `cursor` of the next page.' })),
  });
