/** The code point that ends at an offset of a text; empty at its start. */
export const characterBefore = (text: string, at: number): string => {
  const pair = text.slice(Math.max(0, at - 2), at);
  return (pair.codePointAt(0) ?? 0) > 0xffff ? pair : pair.slice(-1);
};

/** The code point that starts at an offset of a text; empty at its end. */
export const characterAt = (text: string, at: number): string => {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
};

const wordCharacter = /^[\p{L}\p{N}_]$/u;

/** Scripts without spaces between words, so that nothing marks where a word starts. */
const unspaced =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]$/u;

/** Whether a character is a letter, a digit or `_`, of a script that puts spaces between words. */
export const isOfWord = (character: string): boolean =>
  wordCharacter.test(character) && !unspaced.test(character);

/** The character that ends at an offset of a text, without its accents. */
export const baseBefore = (text: string, at: number): string => {
  let end = at;
  let character = characterBefore(text, end);
  while (/^\p{M}$/u.test(character)) {
    end -= character.length;
    character = characterBefore(text, end);
  }
  return character;
};

/** Whether a word ends directly before an offset of a text. */
export const isBehindWord = (text: string, at: number): boolean => isOfWord(baseBefore(text, at));
