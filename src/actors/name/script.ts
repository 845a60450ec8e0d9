import { lazy } from '../../runtime/lazy.ts';

/** Scripts in use today: tables 5 and 7 of UAX #31. A username has no letters of other scripts. */
const scripts = [
  ...['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Devanagari', 'Bengali', 'Han', 'Hiragana'],
  ...['Katakana', 'Hangul', 'Bopomofo', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Armenian'],
  ...['Georgian', 'Ethiopic', 'Gujarati', 'Gurmukhi', 'Kannada', 'Malayalam', 'Oriya', 'Sinhala'],
  ...['Tamil', 'Telugu', 'Thaana', 'Adlam', 'Balinese', 'Bamum', 'Batak', 'Canadian_Aboriginal'],
  ...['Chakma', 'Cham', 'Cherokee', 'Hanifi_Rohingya', 'Javanese', 'Kayah_Li', 'Lepcha', 'Limbu'],
  ...['Lisu', 'Mandaic', 'Meetei_Mayek', 'Miao', 'Mongolian', 'New_Tai_Lue', 'Newa', 'Nko'],
  ...['Nyiakeng_Puachue_Hmong', 'Ol_Chiki', 'Osage', 'Saurashtra', 'Sundanese', 'Syloti_Nagri'],
  ...['Syriac', 'Tai_Le', 'Tai_Tham', 'Tai_Viet', 'Tifinagh', 'Vai', 'Wancho', 'Yi'],
];

/** Combinations of scripts that are allowed: UTS #39, section 5.2, "highly restrictive". */
const mixtures = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

const writtenIn = (together: readonly string[]): RegExp => {
  const classes = ['Common', 'Inherited', ...together].map((script) => `\\p{scx=${script}}`);
  return new RegExp(`^[${classes.join('')}]*$`, 'u');
};

const permitted = lazy(() => [...scripts.map((script) => [script]), ...mixtures].map(writtenIn));

/** Whether a text is written in one script, or in several that one language uses together. */
export const isOneScript = (text: string): boolean => permitted().some((form) => form.test(text));

const isDigit = (code: number): boolean => /\p{Nd}/u.test(String.fromCodePoint(code));

/** The zero of a digit's set: code points of digits are in groups of ten, from 0 to 9. */
const zeroOf = (code: number): number => {
  let start = code;
  while (isDigit(start - 1)) start--;
  return code - ((code - start) % 10);
};

/** Whether all digits of a text are from one set, such as 0 to 9 or ٠ to ٩ (UTS #39, section 5.3). */
export const hasOneKindOfDigits = (text: string): boolean => {
  const digits = text.match(/\p{Nd}/gu) ?? [];
  return new Set(digits.map((digit) => zeroOf(digit.codePointAt(0) ?? 0))).size <= 1;
};
