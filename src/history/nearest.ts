/** How many letters one must change, add or leave out to make the other word. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [column, against] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The one of the words, at least one, that is most like what somebody typed. */
export const nearest = (typed: string, words: readonly string[]): string =>
  words.reduce((best, word) => (distance(typed, word) < distance(typed, best) ? word : best));
