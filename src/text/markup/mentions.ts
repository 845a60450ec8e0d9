import { fold } from '../fold.ts';
import { isBehindWord } from './characters.ts';
import type { Block, Budget, Candidate, Inline } from './tree.ts';

/** A possible mention: `@` and the longest run of name characters. */
const named = /@([\p{L}\p{M}\p{N}_.-]+)/gu;

/** Makes `@bob/core` the name of a package. */
const packageName = /^\/\p{L}/u;

/** The length of a typed name, in UTF-16 units: accents may be separate characters. */
const lengthMin = 2;
const lengthMax = 128;

/** The prefixes of a text in one script, with characters that belong to all; the last is any other script. */
const scripts = [
  /^[\p{scx=Latin}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Greek}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Cyrillic}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Arabic}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Hebrew}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Devanagari}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Han}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Hiragana}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Katakana}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Bopomofo}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Hangul}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Thai}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Lao}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Khmer}\p{M}\p{N}_.-]+/u,
  /^[\p{scx=Myanmar}\p{M}\p{N}_.-]+/u,
  /^(?:(?![\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{scx=Arabic}\p{scx=Hebrew}\p{scx=Devanagari}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}])[\p{L}\p{M}\p{N}_.-])+/u,
];

/** The prefix of a text up to where its script changes. */
const inOneScript = (text: string): string => {
  const beginnings = scripts.map((script) => script.exec(text)?.[0] ?? '');
  return beginnings.reduce((longest, each) => (each.length > longest.length ? each : longest));
};

/** Without what may be the end of a sentence. */
const withoutEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && '.-'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
};

/** The users that a run of name characters may name, the best match first (H5). */
const candidatesOf = (run: string): readonly Candidate[] => {
  const start = run.slice(0, lengthMax + 1);
  const first = /[^\0-\x7f]/.test(start) ? inOneScript(start) : start;
  const found = new Map<string, Candidate>();
  for (const typed of [run, withoutEnd(run), first, withoutEnd(first)]) {
    if (typed.length < lengthMin || typed.length > lengthMax) continue;
    const name = fold(typed);
    if (!found.has(name)) found.set(name, { name, length: typed.length + 1 });
  }
  return [...found.values()];
};

/** The text and the mentions of a part of a line that is neither in a link nor in code. */
export const withMentions = (text: string, at: number, budget: Budget): Inline[] => {
  const inlines: Inline[] = [];
  let end = 0;
  const push = (to: number): void => {
    if (to > end) inlines.push({ is: 'text', text: text.slice(end, to), at: at + end });
    end = to;
  };
  for (const { 0: whole, 1: run = '', index } of text.matchAll(named)) {
    if (budget.parts <= 0) break;
    if (isBehindWord(text, index)) continue;
    if (packageName.test(text.slice(index + whole.length, index + whole.length + 3))) continue;
    const candidates = candidatesOf(run);
    if (candidates.length === 0) continue;
    budget.parts -= 1;
    push(index);
    inlines.push({ is: 'mention', text: whole, at: at + index, candidates });
    end = index + whole.length;
  }
  push(text.length);
  return inlines;
};

const inInline = (inline: Inline): readonly (readonly Candidate[])[] => {
  if (inline.is === 'mention') return [inline.candidates];
  return 'inlines' in inline ? inline.inlines.flatMap(inInline) : [];
};

/** The possible mentions of a message, in order: the candidates of each, the best match first. */
export const mentionsIn = (blocks: readonly Block[]): readonly (readonly Candidate[])[] =>
  blocks.flatMap((block) => {
    if (block.is === 'lines') return block.inlines.flatMap(inInline);
    if (block.is === 'quote') return mentionsIn(block.blocks);
    return block.is === 'list' ? block.items.flatMap((item) => mentionsIn(item.blocks)) : [];
  });
