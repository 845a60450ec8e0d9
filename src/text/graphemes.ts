let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed, since that takes long. */
const segmentsOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
  return segmenter.segment(text);
};

/** The user-perceived characters of a text (UAX #29): a letter with its marks is one, and so is an emoji. */
export const graphemesOf = (text: string): string[] =>
  Array.from(segmentsOf(text), ({ segment }) => segment);

/** The start of a text, of at most so many characters; an ellipsis marks that it was cut. */
export const beginningOf = (text: string, max: number): string => {
  let beginning = 0;
  let count = 0;
  for (const { index } of segmentsOf(text)) {
    if (count === max) return `${text.slice(0, beginning)}…`;
    beginning = index;
    count += 1;
  }
  return text;
};
