import { attention, codeText, labelEnd, labelStartLink } from 'micromark-core-commonmark';
import type { Construct, Effects, Extension, State, TokenizeContext } from 'micromark-util-types';
import { delimiterAt } from './delimiters.ts';
import { bareLinkEnd, targetAt } from './links.ts';
import type { Budget } from './tree.ts';

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    bareLink: 'bareLink';
  }
}

/** A line that is parsed, and the remaining budget of its message. */
export type Reading = {
  readonly line: string;
  readonly budget: Budget;
  /** Where the last bare link ended. */
  linkEnd?: number;
};

/** The lines in progress by tokenizer: constructs see one character at a time, and these look further. */
export const readings = new WeakMap<TokenizeContext, Reading>();

/** Whether the budget allows more delimiters. */
const isLeft = ({ budget }: Reading): boolean => budget.delimiters > 0;

/** Takes one delimiter from the budget; false if none is left. */
const isAffordable = ({ budget }: Reading): boolean => {
  budget.delimiters -= 1;
  return budget.delimiters >= 0;
};

/** Consumes so many characters. */
const taking = (length: number, effects: Effects, done: () => State | undefined): State => {
  let left = length;
  const next: State = (code) => {
    if (left === 0) return done()?.(code);
    left -= 1;
    effects.consume(code);
    return next;
  };
  return next;
};

/** Emphasis and strikethrough: paired as in CommonMark, but with stricter edges. */
const emphasis: Construct = {
  name: 'emphasis',
  ...(attention.resolveAll && { resolveAll: attention.resolveAll }),
  tokenize(effects, ok, nok) {
    const reading = readings.get(this);
    if (!reading || !isLeft(reading)) return nok;
    const found = delimiterAt(reading.line, this.now().offset, reading.linkEnd);
    if (!found || !isAffordable(reading)) return nok;
    const token = effects.enter('attentionSequence');
    token._open = found.opens;
    token._close = found.closes;
    return taking(found.length, effects, () => {
      effects.exit('attentionSequence');
      return ok;
    });
  },
};

const bareLink: Construct = {
  name: 'bareLink',
  tokenize(effects, ok, nok) {
    const start = this.now().offset;
    const reading = readings.get(this);
    const end = reading && isLeft(reading) ? bareLinkEnd(reading.line, start) : undefined;
    if (!reading || end === undefined || !isAffordable(reading)) return nok;
    reading.linkEnd = end;
    effects.enter('bareLink');
    return taking(end - start, effects, () => {
      effects.exit('bareLink');
      return ok;
    });
  },
};

/** A construct of CommonMark, limited to the offsets of a line that a check accepts. */
const guarded = (
  construct: Construct,
  accepts: (line: string, at: number) => boolean,
): Construct => ({
  ...construct,
  name: 'guarded',
  tokenize(effects, ok, nok) {
    const reading = readings.get(this);
    const isAccepted = reading && isAffordable(reading) && accepts(reading.line, this.now().offset);
    return isAccepted ? construct.tokenize.call(this, effects, ok, nok) : nok;
  },
});

const runEnd = (line: string, at: number): number => {
  let end = at;
  while (line.charAt(end) === '`') end++;
  return end;
};

/** Whether a run of backticks starts here that the next one of the same length closes, with code between them. */
const opensCode = (line: string, at: number): boolean => {
  if (line.charAt(at - 1) === '`') return false;
  const start = runEnd(line, at);
  let next = line.indexOf('`', start);
  while (next !== -1) {
    const end = runEnd(line, next);
    if (end - next === start - at) return line.slice(start, next).trim() !== '';
    next = line.indexOf('`', end);
  }
  return false;
};

/** Whether a bracket ends the text of a link: the text is visible, and an address follows. */
const endsLabel = (line: string, at: number): boolean =>
  targetAt(line, at) !== undefined &&
  /[^\s\p{Default_Ignorable_Code_Point}]/u.test(line.slice(line.lastIndexOf('[', at) + 1, at));

/** All inline constructs of CommonMark are disabled; those that messages have are added with a check. */
const disabled = [
  ...['attention', 'autolink', 'characterEscape', 'characterReference', 'codeText'],
  ...['hardBreakEscape', 'htmlText', 'labelEnd', 'labelStartImage', 'labelStartLink', 'lineEnding'],
];

const code = (sign: string): number => sign.charCodeAt(0);

/** The markup within a line of a message (docs/messages.md). */
export const messageMarkup: Extension = {
  disable: { null: disabled },
  text: {
    [code('*')]: emphasis,
    [code('_')]: emphasis,
    [code('~')]: emphasis,
    [code('h')]: bareLink,
    [code('H')]: bareLink,
    [code('`')]: guarded(codeText, opensCode),
    [code('[')]: guarded(labelStartLink, () => true),
    [code(']')]: guarded(labelEnd, endsLabel),
  },
};
