import { controls, directionControls } from './direction.ts';
import { qualified } from './emoji.ts';
import { graphemesOf } from './graphemes.ts';

/** Well-formed Unicode without U+0000. */
export const isPlain = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/**
 * A visible character: no white space, control character or `Default_Ignorable_Code_Point` (UAX #44), and none of the
 * blanks that are neither: U+2800, U+FFF9-B, U+13430-F, U+16FE4, U+1D159. Unassigned code points are shown as a box,
 * so they count.
 */
const seen =
  /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB\u{13430}-\u{1343F}\u{16FE4}\u{1D159}]/u;

/** A rule for texts, and the error for a text that violates it. */
export type TextRule = { readonly test: (text: string) => boolean; readonly message: string };

/** Texts must have a visible character. */
export const visible: TextRule = {
  test: (text) => seen.test(text),
  message: 'must have a visible character',
};

/** Scripts in which U+200C and U+200D change the shape of the letter before them. */
const joining = [
  ...['Arabic', 'Syriac', 'Mandaic', 'Nko', 'Adlam', 'Hanifi_Rohingya', 'Mongolian', 'Phags_Pa'],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada'],
  ...['Malayalam', 'Sinhala', 'Tibetan', 'Myanmar', 'Khmer', 'Balinese', 'Javanese', 'Sundanese'],
  ...['Chakma', 'Newa', 'Tirhuta', 'Grantha'],
]
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join('');

/** Invisible characters after what they change: joiners, selectors of Mongolian forms, and of Han forms. */
const needed = new RegExp(
  `(?=[\\p{L}\\p{M}])(?:[${joining}][\\u200C\\u200D]|\\p{Script=Mongolian}[\\u180B-\\u180F]|\\p{Script=Han}[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}])`,
  'gu',
);

const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** Whether a text has invisible characters that neither an emoji in it nor its script needs. */
const hasNeedless = (text: string): boolean => {
  if (!invisible.test(text)) return false;
  const letters = graphemesOf(text).map((each) => (qualified(each) === undefined ? each : ' '));
  return invisible.test(letters.join('').replace(needed, ''));
};

/**
 * The rules for the names of users, circles and streams: visible, in one line, and without an effect on surrounding
 * text.
 */
export const nameRules: readonly TextRule[] = [
  visible,
  {
    test: (name) => name.search(controls) < 0,
    message: 'must be one line without control characters',
  },
  {
    test: (name) => name.search(directionControls) < 0,
    message: 'must have no characters that change the direction of text, such as U+202E',
  },
  {
    test: (name) => !hasNeedless(name),
    message:
      'must have no invisible characters, such as U+200B, but those that its script or an emoji needs',
  },
];
