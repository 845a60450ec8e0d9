import * as Type from 'typebox';
import { hasOneKindOfDigits, isOneScript } from '../actors/name/script.ts';
import { isUuid, isUuid7 } from '../events/ids.ts';
import { momentForms, momentIn } from '../history/moment.ts';
import { qualified } from '../text/emoji.ts';
import { preparedPassword } from '../text/password.ts';
import { isPlain, nameRules, type TextRule, visible } from '../text/visible.ts';
import { limits } from './limits/limits.ts';

/**
 * A pattern for the generated descriptions only. The server validates by rules of its own with clearer messages; every
 * valid value matches the pattern.
 */
type Form = { readonly pattern: string; readonly format?: 'uuid' };

type Options = Type.TStringOptions & { readonly 'x-form'?: Form };

const checked = (options: Options, ...rules: readonly TextRule[]) =>
  rules.reduce(
    (schema, { test, message }) =>
      Type.Refine(
        schema,
        (text) => isPlain(text) && test(text),
        () => message,
      ),
    Type.String(options),
  );

const wellFormed: TextRule = {
  test: isPlain,
  message: 'must be well-formed Unicode without U+0000',
};

/** A text of `min` to `max` code points. */
const text = (minLength: number, maxLength: number) =>
  checked({ minLength, maxLength }, wellFormed);

/** A displayed name of a user, a circle or a stream. */
const name = (minLength: number, maxLength: number) =>
  checked({ minLength, maxLength }, wellFormed, ...nameRules);

const usernameForm = /^[\p{L}\p{M}\p{N}_.-]+$/u;

/**
 * Whether a username consists of allowed characters, and NFKC keeps it within them and within the maximum length, so
 * that folding does too.
 */
const isUsername = (name: string): boolean => {
  const normal = name.normalize('NFKC');
  const length = [...normal].length;
  return (
    usernameForm.test(name) &&
    usernameForm.test(normal) &&
    length >= 2 &&
    length <= limits.usernameMax
  );
};

const normally = (test: (name: string) => boolean) => (name: string) =>
  test(name.normalize('NFKC'));

/** Rules that keep usernames distinguishable (UTS #39). The first that fails is reported. */
const usernameRules: readonly TextRule[] = [
  {
    test: (name) => !/\p{Default_Ignorable_Code_Point}/u.test(name),
    message: 'must have no invisible characters',
  },
  { test: isUsername, message: 'must be letters, digits, "_", "." or "-"' },
  {
    test: normally(isOneScript),
    message:
      'must be in one script that is in use today; Chinese, Japanese and Korean go with Latin',
  },
  { test: normally(hasOneKindOfDigits), message: 'must have digits of one kind only' },
  {
    test: (name) => !/^\p{M}|\p{Mn}{5}|(\p{Mn})\1/u.test(name.normalize('NFD')),
    message: 'must not begin with an accent, nor have the same twice or more than four on a letter',
  },
];

/** A new username. Lengths are in code points. */
export const Username = checked(
  {
    minLength: 2,
    maxLength: limits.usernameMax,
    'x-form': { pattern: usernameForm.source },
  },
  ...usernameRules,
);
/** The length of a password in the form in which it is compared. */
export const passwordLength = { minLength: 8, maxLength: 256 } as const;
const isPasswordLong = (password: string): boolean => {
  const { length } = [...preparedPassword(password)];
  return length >= passwordLength.minLength && length <= passwordLength.maxLength;
};

/** A new password. The length is that of its NFC form, which may be a quarter of the input. */
export const Password = checked(
  {
    maxLength: 1024,
    description: `${passwordLength.minLength} to ${passwordLength.maxLength} code points in NFC; compared by RFC 8265, OpaqueString.`,
  },
  wellFormed,
  {
    test: isPasswordLong,
    message: `must have ${passwordLength.minLength} to ${passwordLength.maxLength} characters`,
  },
);
/** A password to be checked: one that could not have been chosen is simply wrong. */
export const GivenPassword = Type.String({ maxLength: 1024 });
/** A username to be looked up: one that could not have been registered is simply unknown. */
export const GivenUsername = Type.String({ maxLength: 256 });
export const DisplayName = name(1, 100);
export const CircleName = name(2, 100);
export const Nickname = name(1, 100);
export const StreamName = name(1, 100);
export const Topic = text(0, 1024);
export const About = text(0, 1024);

const webUrl = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/\S+$/u;
/** The pattern of a web URL for JSON Schema, which has no flag for case. */
export const webUrlPattern = webUrl.source;

/** Whether a text is an `http` or `https` URL that a page can show as it is. */
const isWebUrl = (url: string): boolean => webUrl.test(url) && URL.canParse(url);

/** The URL of a user's picture. */
export const Avatar = checked(
  { minLength: 1, maxLength: 1024, 'x-form': { pattern: webUrlPattern } },
  { test: isWebUrl, message: 'must be an http or https URL' },
);
export const MessageText = (textMax: number) =>
  checked({ minLength: 1, maxLength: textMax }, wellFormed, visible);

const isEmoji = (text: string): boolean => {
  const emoji = qualified(text);
  return emoji !== undefined && Buffer.byteLength(emoji) <= limits.emojiBytesMax;
};

/** One emoji, with or without U+FE0F (H6). */
export const Emoji = checked(
  {
    minLength: 1,
    maxLength: limits.emojiBytesMax,
    'x-form': { pattern: '^[\\p{Emoji}\\p{Emoji_Component}]+$' },
  },
  { test: isEmoji, message: `must be one emoji of at most ${limits.emojiBytesMax} bytes` },
);
/** An emoji to be removed: logs of earlier versions may hold some that are not accepted now. */
export const GivenEmoji = Type.String({ maxLength: limits.emojiBytesMax });
export const InviteCode = text(1, 128);
/** A search in the directory; empty: all circles. */
export const Question = text(0, 100);

/**
 * Whether JSON survives a round trip: its texts and field names are well-formed, and its numbers finite (`1e400` is
 * parsed as infinity, which is written as null).
 */
const isPlainJson = (value: unknown): boolean => {
  if (typeof value === 'string') return isPlain(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => isPlain(name) && isPlainJson(part));
};

const isWithin = (value: unknown, bytesMax: number): boolean =>
  Buffer.byteLength(JSON.stringify(value)) <= bytesMax;

/** A member's own JSON, measured as compact JSON in UTF-8. */
export const MemberData = Type.Refine(
  Type.Unknown(),
  (data) => isWithin(data, limits.memberDataBytesMax) && isPlainJson(data),
  () =>
    `must be JSON of at most ${limits.memberDataBytesMax} bytes, its texts well-formed and its numbers finite`,
);

/** The patterns of ids for JSON Schema. */
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const uuid7 = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
export const streamPathPattern = `^${uuid}/${uuid}$`;

/** Any UUID, lower case. */
export const Uuid = checked(
  { 'x-form': { format: 'uuid', pattern: `^${uuid}$` } },
  { test: isUuid, message: 'must be a lower-case UUID' },
);
/** A UUID of version 7, generated by the client for what it creates. */
export const Uuid7 = checked(
  { 'x-form': { format: 'uuid', pattern: `^${uuid7}$` } },
  { test: isUuid7, message: 'must be a lower-case UUID of version 7' },
);

const isStreamName = (s: string): boolean =>
  s.length === 73 && s[36] === '/' && isUuid(s.slice(0, 36)) && isUuid(s.slice(37));

/** A stream on the wire, `<circle id>/<stream id>`. */
export const StreamPath = checked(
  { 'x-form': { pattern: streamPathPattern } },
  { test: isStreamName, message: 'must be <circle id>/<stream id>' },
);

/** What a client may subscribe to: `me`, a circle or a stream. */
export const EventStreamName = checked(
  { 'x-form': { pattern: `^(me|${uuid}(/${uuid})?)$` } },
  {
    test: (s) => s === 'me' || isUuid(s) || isStreamName(s),
    message: 'must be "me", <circle id> or <circle id>/<stream id>',
  },
);

export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);

/** The number of an event or a message; 0 is before the first. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The size of a page. */
export const Limit = Type.Integer({ minimum: 1, maximum: limits.pageMax });

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A moment in the past, as parsed by `momentIn`. */
export const Moment = checked(
  { maxLength: 64 },
  { test: (text) => momentIn(text) !== undefined, message: `must be ${momentForms}` },
);

/** An object with these fields and no others. */
export const closed = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
