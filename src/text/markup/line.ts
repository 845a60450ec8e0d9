import { parse } from 'micromark';
import type { Event, Token } from 'micromark-util-types';
import { messageMarkup, readings } from './constructs.ts';
import { hostToShow, hrefOf } from './links.ts';
import { withMentions } from './mentions.ts';
import { textOf } from './plain-text.ts';
import type { Budget, Inline, Line } from './tree.ts';

/** A line without any of these is text with mentions. */
const mayHoldMarkup = /[*_~`]|:\/\//;

/** Parsing a line costs as much as so many delimiters. */
const lineCost = 2;

const parser = parse({ extensions: [messageMarkup] });

/** The parts of a line. Parsing takes from the budget of its message. */
export const inlinesOf = (line: Line, budget: Budget): readonly Inline[] => {
  const { text, at } = line;
  if (text === '') return [];
  if (budget.delimiters < lineCost || !mayHoldMarkup.test(text))
    return withMentions(text, at, budget);
  budget.delimiters -= lineCost;
  const tokenizer = parser.text();
  readings.set(tokenizer, { line: text, budget });
  return new Drawing(line, budget).of(tokenizer.write([text, null]));
};

/** An open part: the parts before it, and how its contents become one. */
type Open = {
  readonly token: Token;
  readonly before: readonly Inline[];
  readonly close: (inlines: readonly Inline[]) => Inline;
};

/** Builds parts from the events of a parsed line. What no event covers is text, as it was typed. */
class Drawing {
  readonly #line: Line;
  readonly #budget: Budget;
  readonly #open: Open[] = [];
  #inlines: Inline[] = [];
  /** Up to where the line is built. */
  #end = 0;
  /** Up to where events are ignored: it is built already, or stays as it was typed. */
  #settled = 0;
  #isInLink = false;

  constructor(line: Line, budget: Budget) {
    this.#line = line;
    this.#budget = budget;
  }

  of(events: readonly Event[]): readonly Inline[] {
    for (const [index, [kind, token]] of events.entries()) {
      if (kind === 'exit') this.#leave(token);
      else if (token.start.offset >= this.#settled) this.#enter(token, events, index);
    }
    this.#drawTo(this.#line.text.length);
    return this.#inlines;
  }

  #enter(token: Token, events: readonly Event[], index: number): void {
    const { type } = token;
    if (type === 'strong' || type === 'emphasis') this.#beginEmphasis(token);
    else if (type === 'link') this.#beginLink(token, labelAfter(events, index));
    else if (type === 'codeText') this.#addCode(token);
    else if (type === 'bareLink') this.#addBareLink(token);
    else if (type === 'strongSequence' || type === 'emphasisSequence') {
      this.#drawTo(token.start.offset);
      this.#end = token.end.offset;
    }
  }

  #leave(token: Token): void {
    if (token.type === 'labelText' && this.#isInLink) this.#drawTo(token.end.offset);
    const open = this.#open.at(-1);
    if (open?.token !== token) return;
    this.#open.pop();
    if (token.type === 'link') this.#isInLink = false;
    this.#inlines = [...open.before, open.close(this.#inlines)];
    this.#end = token.end.offset;
  }

  /** Whether the budget allows one more part; if not, it stays as it was typed. */
  #affords({ end }: Token): boolean {
    this.#budget.parts -= 1;
    if (this.#budget.parts < 0) this.#settled = end.offset;
    return this.#budget.parts >= 0;
  }

  #begin(token: Token, close: Open['close']): void {
    this.#drawTo(token.start.offset);
    this.#open.push({ token, before: this.#inlines, close });
    this.#inlines = [];
  }

  #beginEmphasis(token: Token): void {
    if (!this.#affords(token)) return;
    const isStruck = this.#line.text.charAt(token.start.offset) === '~';
    const is = isStruck ? 'struck' : token.type === 'strong' ? 'bold' : 'italic';
    this.#begin(token, (inlines) => ({ is, inlines }));
  }

  #beginLink(token: Token, label: Token | undefined): void {
    if (!this.#affords(token) || !label) return;
    const href = hrefOf(this.#line.text.slice(label.end.offset + 2, token.end.offset - 1)) ?? '';
    this.#begin(token, (inlines) => {
      const host = hostToShow(textOf(inlines), href);
      return { is: 'link', href, ...(host !== undefined && { host }), inlines };
    });
    this.#isInLink = true;
    this.#end = label.start.offset;
  }

  #addCode(token: Token): void {
    if (!this.#affords(token)) return;
    const { start, end } = codeWithin(this.#line.text, token);
    this.#add(token, { is: 'code', ...this.#piece(start, end) });
  }

  #addBareLink(token: Token): void {
    const { start, end } = token;
    const piece = this.#piece(start.offset, end.offset);
    const text: Inline = { is: 'text', ...piece };
    const href = hrefOf(piece.text);
    if (this.#isInLink || href === undefined) this.#add(token, text);
    else if (this.#affords(token)) this.#add(token, { is: 'link', href, inlines: [text] });
  }

  #piece(start: number, end: number): { readonly text: string; readonly at: number } {
    return { text: this.#line.text.slice(start, end), at: this.#line.at + start };
  }

  #add({ start, end }: Token, inline: Inline): void {
    this.#drawTo(start.offset);
    this.#inlines.push(inline);
    this.#end = this.#settled = end.offset;
  }

  /** Adds the text up to an offset, with its mentions. */
  #drawTo(end: number): void {
    if (end <= this.#end) return;
    const { text, at } = this.#piece(this.#end, end);
    if (this.#isInLink) this.#inlines.push({ is: 'text', text, at });
    else this.#inlines.push(...withMentions(text, at, this.#budget));
    this.#end = end;
  }
}

/** The text of the link of an event. */
const labelAfter = (events: readonly Event[], index: number): Token | undefined =>
  events.slice(index, index + 8).find(([, { type }]) => type === 'labelText')?.[1];

/** The code between the backticks, without the one space on both sides that separates it from them. */
const codeWithin = (
  line: string,
  token: Token,
): { readonly start: number; readonly end: number } => {
  let start = token.start.offset;
  let end = token.end.offset;
  while (line.charAt(start) === '`') [start, end] = [start + 1, end - 1];
  const isPadded = line.charAt(start) === ' ' && line.charAt(end - 1) === ' ';
  return isPadded ? { start: start + 1, end: end - 1 } : { start, end };
};
