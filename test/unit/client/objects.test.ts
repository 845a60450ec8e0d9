import type Type from 'typebox';
import { expect, expectTypeOf, test } from 'vitest';
import * as schemas from '../../../src/app/views/objects.ts';
import type * as client from '../../../src/client/objects.ts';

/** A type whose arrays and properties may be written, as those of schemas are. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

type Wire<T extends Type.TSchema> = Plain<Type.Static<T>>;

test('the objects of the client are those that the server describes', () => {
  // The compiler checks these: a field that one of both lacks, or has in another form, does not compile.
  expectTypeOf<Plain<client.User>>().toEqualTypeOf<Wire<typeof schemas.User>>();
  expectTypeOf<Plain<client.Participant>>().toEqualTypeOf<Wire<typeof schemas.Person>>();
  expectTypeOf<Plain<client.Session>>().toEqualTypeOf<Wire<typeof schemas.Session>>();
  expectTypeOf<Plain<client.Stream>>().toEqualTypeOf<Wire<typeof schemas.Stream>>();
  expectTypeOf<Plain<client.Circle>>().toEqualTypeOf<Wire<typeof schemas.Circle>>();
  expectTypeOf<Plain<client.CircleEntry>>().toEqualTypeOf<Wire<typeof schemas.CircleEntry>>();
  expectTypeOf<Plain<client.Member>>().toEqualTypeOf<Wire<typeof schemas.Member>>();
  expectTypeOf<Plain<client.MemberData>>().toEqualTypeOf<Wire<typeof schemas.MemberData>>();
  expectTypeOf<Plain<client.Invite>>().toEqualTypeOf<Wire<typeof schemas.Invite>>();
  expectTypeOf<Plain<client.InvitePreview>>().toEqualTypeOf<Wire<typeof schemas.InvitePreview>>();
  expectTypeOf<Plain<client.Message>>().toEqualTypeOf<Wire<typeof schemas.Message>>();
  expectTypeOf<Plain<client.History>>().toEqualTypeOf<Wire<typeof schemas.MessagePage>>();
  expectTypeOf<Plain<client.Edit>>().toEqualTypeOf<Wire<typeof schemas.Edit>>();
  expectTypeOf<Plain<client.AuditEntry>>().toEqualTypeOf<Wire<typeof schemas.AuditEntry>>();
  expectTypeOf<Plain<client.Unread>>().toEqualTypeOf<Wire<typeof schemas.Unread>>();
  expectTypeOf<Plain<client.Presence>>().toEqualTypeOf<Wire<typeof schemas.Presence>>();
  expectTypeOf<Plain<client.Me>>().toEqualTypeOf<Wire<typeof schemas.Me>>();
  expectTypeOf<Plain<client.Then>>().toEqualTypeOf<Wire<typeof schemas.Then>>();
  expect(Object.keys(schemas.User.properties)).toContain('username');
});
