/**
 * The end of an index key, after its values, which names the document by its `_id`. A short one leaves out what the
 * values say already: all of it where the last field is `_id`, or the first part where `_id` continues the first value
 * with `/`. It begins with the form.
 */
const forms = { whole: 0, continued: 1, said: 2 };

/** LMDB's keys are short. Texts that only differ after this many characters are told apart by the filter. */
export const textLengthMax = 120;

/** Whether a text can be read from a key again. */
const isReadable = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= textLengthMax && !text.includes('\0');

export type TailSource = {
  readonly id: string;
  /** The first value of the key. */
  readonly first: unknown;
  /** Whether the last field of the index is `_id`. */
  readonly endsWithId: boolean;
};

export const shortTail = ({ id, first, endsWithId }: TailSource): string => {
  if (endsWithId && isReadable(id)) return String.fromCharCode(forms.said);
  if (!(isReadable(first) && id.startsWith(`${first}/`))) {
    return String.fromCharCode(forms.whole) + id;
  }
  return String.fromCharCode(forms.continued) + id.slice(first.length + 1);
};

/** The `_id` by a short tail, which starts at an offset of a key; empty if the key is damaged. */
export const idByTail = (
  key: Buffer,
  at: number,
  values: { first(): string; last(): string },
): string => {
  const rest = key.toString('utf8', at + 1);
  switch (key[at]) {
    case forms.whole:
      return rest;
    case forms.continued:
      return `${values.first()}/${rest}`;
    case forms.said:
      return values.last();
    default:
      return '';
  }
};
