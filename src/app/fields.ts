import Type from 'typebox';
import { hasOneKindOfDigits, isOneScript } from '../actors/name/script.ts';
import { isUuid, isUuid7 } from '../events/ids.ts';
import { momentForms, momentIn } from '../history/moment.ts';
import { qualified } from '../text/emoji.ts';
import { preparedPassword } from '../text/password.ts';
import { isPlain, nameRules, type TextRule, visible } from '../text/visible.ts';
import { limits } from './limits/limits.ts';

/**
 * What a form says to programs, in the descriptions alone: a check of its own says to people what is wrong. What is taken
 * fits the form.
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

/** The name of a user, a circle or a stream, as people read it. */
const name = (minLength: number, maxLength: number) =>
  checked({ minLength, maxLength }, wellFormed, ...nameRules);

const usernameForm = /^[\p{L}\p{M}\p{N}_.-]+$/u;

/** Whether a username has its letters, and NFKC leaves it within its letters and its length, so that folding never leaves it. */
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

/** What a username must be, so that two that look alike are not two (UTS #39). The first that fails is reported. */
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

/** What people type. Lengths are in code points. */
export const Username = checked(
  {
    minLength: 2,
    maxLength: limits.usernameMax,
    'x-form': { pattern: usernameForm.source },
  },
  ...usernameRules,
);
/** Of a password as it is compared. */
export const passwordLength = { minLength: 8, maxLength: 256 } as const;
const isPasswordLong = (password: string): boolean => {
  const { length } = [...preparedPassword(password)];
  return length >= passwordLength.minLength && length <= passwordLength.maxLength;
};

/** Its length counts as it is compared: in NFC, which may be a quarter of what came. */
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
/** A password that is compared, not kept: one that could never have been chosen is merely wrong. */
export const GivenPassword = Type.String({ maxLength: 1024 });
/** A username that is looked up: one that could never have been taken is merely unknown. */
export const GivenUsername = Type.String({ maxLength: 256 });
export const DisplayName = name(1, 100);
export const CircleName = name(2, 100);
export const Nickname = name(1, 100);
export const StreamName = name(1, 100);
export const Topic = text(0, 1024);
export const About = text(0, 1024);

const webUrl = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/\S+$/u;
/** The form of a web URL, as JSON Schema writes it: without a flag for the case of letters. */
export const webUrlPattern = webUrl.source;

/** Whether a text is a whole `http` or `https` URL, which a page can show as it is. */
const isWebUrl = (url: string): boolean => webUrl.test(url) && URL.canParse(url);

/** Where a picture of somebody is found. */
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
/** An emoji that is taken back: one with which nobody could react now may be in the log of an earlier version. */
export const GivenEmoji = Type.String({ maxLength: limits.emojiBytesMax });
export const InviteCode = text(1, 128);
/** What is looked for in the directory; empty: everything. */
export const Question = text(0, 100);

/**
 * Whether parsed JSON can be written again as what it was: its texts and the names of its fields well-formed, its numbers
 * finite (`1e400` is read as infinity, which is written as null).
 */
const isPlainJson = (value: unknown): boolean => {
  if (typeof value === 'string') return isPlain(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => isPlain(name) && isPlainJson(part));
};

const isWithin = (value: unknown, bytesMax: number): boolean =>
  Buffer.byteLength(JSON.stringify(value)) <= bytesMax;

/** JSON of a member's own, measured as compact JSON in UTF-8. */
export const MemberData = Type.Refine(
  Type.Unknown(),
  (data) => isWithin(data, limits.memberDataBytesMax) && isPlainJson(data),
  () =>
    `must be JSON of at most ${limits.memberDataBytesMax} bytes, its texts well-formed and its numbers finite`,
);

/** The forms of ids, as JSON Schema writes them. */
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const uuid7 = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
export const streamPathPattern = `^${uuid}/${uuid}$`;

/** Any UUID, lower case. */
export const Uuid = checked(
  { 'x-form': { format: 'uuid', pattern: `^${uuid}$` } },
  { test: isUuid, message: 'must be a lower-case UUID' },
);
/** A UUID of version 7, as clients make for what they create. */
export const Uuid7 = checked(
  { 'x-form': { format: 'uuid', pattern: `^${uuid7}$` } },
  { test: isUuid7, message: 'must be a lower-case UUID of version 7' },
);

const isStreamName = (s: string): boolean =>
  s.length === 73 && s[36] === '/' && isUuid(s.slice(0, 36)) && isUuid(s.slice(37));

/** A stream's name on the wire, `<circle id>/<stream id>`. */
export const StreamPath = checked(
  { 'x-form': { pattern: streamPathPattern } },
  { test: isStreamName, message: 'must be <circle id>/<stream id>' },
);

/** What a client may follow: `me`, a circle or a stream. */
export const EventStreamName = checked(
  { 'x-form': { pattern: `^(me|${uuid}(/${uuid})?)$` } },
  {
    test: (s) => s === 'me' || isUuid(s) || isStreamName(s),
    message: 'must be "me", <circle id> or <circle id>/<stream id>',
  },
);

export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);

/** A number of an event or of a message; 0 is before the first. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** How many rows a page may have. */
export const Limit = Type.Integer({ minimum: 1, maximum: limits.pageMax });

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A moment in the past: what `momentIn` reads. */
export const Moment = checked(
  { maxLength: 64 },
  { test: (text) => momentIn(text) !== undefined, message: `must be ${momentForms}` },
);

/** An object that holds these fields and no others. */
export const closed = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
