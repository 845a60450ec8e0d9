import { graphemesOf } from '../../../src/text/graphemes.ts';
import { isEmoji } from './emoji.ts';

/**
 * At most so many parts of a message are drawn apart. The rest is plain text, so that no message takes long to draw,
 * nor a page of them.
 */
export const partsMax = 250;

/** What a line of a message is made of. */
export type Inline =
  | { readonly is: 'text' | 'bold' | 'italic' | 'code'; readonly text: string }
  | { readonly is: 'link'; readonly text: string; readonly href: string }
  | { readonly is: 'mention'; readonly name: string; readonly text: string };

/** What a message is made of. */
export type Block =
  | { readonly is: 'lines' | 'quote'; readonly inlines: readonly Inline[] }
  | { readonly is: 'code'; readonly text: string };

/** How many parts may still be drawn apart. */
type Budget = { left: number };

/**
 * The forms within a line: code first, for nothing counts inside it; then links, mentions, bold, italic. Every part
 * is bounded by what cannot be in it, so no text takes more than linear time.
 */
const forms =
  /`([^`\n]+)`|(https?:\/\/[^\s<>"`]+)|(?<![\p{L}\p{N}_])@([\p{L}\p{M}\p{N}_.-]+)|\*\*([^*\n]+)\*\*|(?<![\p{L}\p{N}_*])\*([^*\s][^*\n]*)\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}_])_([^_\s][^_\n]*)_(?![\p{L}\p{N}_])/gu;

/** What ends a link does not belong to it: punctuation, and a bracket that was not opened in it. */
const linkEnd = (url: string): string => {
  let unopened = url.split(')').length - url.split('(').length;
  let end = url.length;
  for (; end > 0; end--) {
    const sign = url.charAt(end - 1);
    if (sign === ')' && unopened > 0) unopened -= 1;
    else if (!".,;:!?'*_~".includes(sign)) break;
  }
  return url.slice(0, end);
};

const isWeb = (url: string): boolean => {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
};

const pushText = (inlines: Inline[], text: string): void => {
  if (text === '') return;
  const last = inlines.at(-1);
  if (last?.is === 'text') inlines[inlines.length - 1] = { is: 'text', text: last.text + text };
  else inlines.push({ is: 'text', text });
};

/** The parts of a line or of several; their texts joined are the text, without its marks. */
export const inlinesOf = (text: string, budget: Budget = { left: partsMax }): Inline[] => {
  const inlines: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(forms)) {
    if (budget.left <= 0) break;
    budget.left -= 1;
    const [whole, code, url, name, bold, starred, underlined] = match;
    pushText(inlines, text.slice(end, match.index));
    end = match.index + whole.length;
    const italic = starred ?? underlined;
    if (code !== undefined) inlines.push({ is: 'code', text: code });
    else if (name !== undefined) inlines.push({ is: 'mention', name, text: whole });
    else if (bold !== undefined) inlines.push({ is: 'bold', text: bold });
    else if (italic !== undefined) inlines.push({ is: 'italic', text: italic });
    else if (url !== undefined) pushLink(inlines, url);
  }
  pushText(inlines, text.slice(end));
  return inlines;
};

const pushLink = (inlines: Inline[], url: string): void => {
  const href = linkEnd(url);
  if (isWeb(href)) inlines.push({ is: 'link', text: href, href });
  else pushText(inlines, href);
  pushText(inlines, url.slice(href.length));
};

const isQuoted = (line: string): boolean => /^> ?/.test(line);

/** Lines outside of code: runs of quoted and of plain ones. */
const lineBlocks = (text: string, budget: Budget): Block[] => {
  const runs: { quote: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const run = runs.at(-1);
    const quote = budget.left > 0 && isQuoted(line);
    const plain = quote ? line.replace(/^> ?/, '') : line;
    if (run?.quote === quote) run.lines.push(plain);
    else {
      budget.left -= 1;
      runs.push({ quote, lines: [plain] });
    }
  }
  return runs.flatMap(({ quote, lines }) => {
    const inlines = inlinesOf(lines.join('\n').replace(/^\n+/, '').trimEnd(), budget);
    return inlines.length > 0
      ? [{ is: quote ? ('quote' as const) : ('lines' as const), inlines }]
      : [];
  });
};

const fence = '```';

/** A message's text as what is shown of it: fenced code, quotes and lines. Nothing in it is ever markup. */
export const blocksOf = (text: string): Block[] => {
  const budget: Budget = { left: partsMax };
  const parts = text.split(/^```/m);
  const blocks: Block[] = [];
  for (const [index, part] of parts.entries()) {
    const opening = index % 2 === 1 ? fence : '';
    if (budget.left <= 0) {
      blocks.push(...lineBlocks(opening + parts.slice(index).join(fence), budget));
      break;
    }
    // A fence that is never closed is no fence.
    if (opening === '' || index === parts.length - 1) {
      blocks.push(...lineBlocks(opening + part, budget));
      continue;
    }
    budget.left -= 1;
    const code = part.replace(/^[\w+-]*\n/, '').replace(/\n$/, '');
    if (code !== '') blocks.push({ is: 'code', text: code });
  }
  return blocks;
};

/** So many emoji and nothing else are shown large; together they are no longer than this, in UTF-16 units. */
const largeMax = 6;
const largeLengthMax = 120;

/** Whether a text is a few emoji and nothing else, which are shown large. */
export const isEmojiOnly = (text: string): boolean => {
  if (text.length > largeLengthMax) return false;
  const shown = graphemesOf(text).filter((each) => each.trim() !== '');
  return shown.length > 0 && shown.length <= largeMax && shown.every(isEmoji);
};
