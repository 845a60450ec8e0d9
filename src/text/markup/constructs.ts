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

/** A line that is read, and what may still be drawn apart of its message. */
export type Reading = {
  readonly line: string;
  readonly budget: Budget;
  /** Where the last bare link ended. */
  linkEnd?: number;
};

/** What each tokenizer reads: constructs see one character at a time, and these look further. */
export const readings = new WeakMap<TokenizeContext, Reading>();

/** Whether delimiters may still be looked at. */
const isLeft = ({ budget }: Reading): boolean => budget.delimiters > 0;

/** Takes one delimiter from the budget; false if none is left. */
const isAffordable = ({ budget }: Reading): boolean => {
  budget.delimiters -= 1;
  return budget.delimiters >= 0;
};

/** Takes so many characters. */
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

/** Emphasis and what is struck out: paired as CommonMark does, but with edges that are stricter. */
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

/** A construct of CommonMark, but only at those places of a line that a check accepts. */
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

/** Whether a run of backticks begins here that the next of the same length closes, with code between them. */
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

/** Whether a bracket ends the text of a link: there is something to see in it, and an address behind it. */
const endsLabel = (line: string, at: number): boolean =>
  targetAt(line, at) !== undefined &&
  /[^\s\p{Default_Ignorable_Code_Point}]/u.test(line.slice(line.lastIndexOf('[', at) + 1, at));

/** All that CommonMark knows within a line; what messages have of it comes back with a guard. */
const disabled = [
  ...['attention', 'autolink', 'characterEscape', 'characterReference', 'codeText'],
  ...['hardBreakEscape', 'htmlText', 'labelEnd', 'labelStartImage', 'labelStartLink', 'lineEnding'],
];

const code = (sign: string): number => sign.charCodeAt(0);

/** What is markup within a line of a message (docs/messages.md). */
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
