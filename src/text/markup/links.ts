import { baseBefore, characterAt, isOfWord } from './characters.ts';

const scheme = /^https?:\/\//i;

/** The offset of the host of an address, if an address starts at an offset of a text. */
const hostAt = (text: string, start: number): number | undefined => {
  const [found] = scheme.exec(text.slice(start, start + 8)) ?? [];
  return found === undefined ? undefined : start + found.length;
};

/**
 * The characters that end an address in a text: those that RFC 3986 does not allow, `*`, and of other scripts all but
 * letters, digits and word-internal punctuation.
 */
const ends =
  /^(?:[\s\p{Cc}"*<>\\^`|]|(?![\p{L}\p{M}\p{N}\u2010-\u2013·・‧\u200c\u200d])[^\0-\x7f])$/u;

/** Punctuation that may end a sentence does not end a bare address. */
const trailing = ".,;:!?'_~([{·・‧\u2010\u2011\u2012\u2013";

const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** The end of an address that starts at an offset of a text: also at a bracket that it has not opened itself. */
const addressEnd = (text: string, start: number): number => {
  const open: Record<string, number> = { '(': 0, '[': 0, '{': 0 };
  let at = start;
  while (at < text.length) {
    const sign = characterAt(text, at);
    const opening = pairs[sign] ?? '';
    if (ends.test(sign) || open[opening] === 0) break;
    if (open[sign] !== undefined) open[sign] += 1;
    if (open[opening] !== undefined) open[opening] -= 1;
    at += sign.length;
  }
  return at;
};

/** The end of the address that starts at an offset of a line; undefined if there is none. */
export const bareLinkEnd = (text: string, start: number): number | undefined => {
  const host = hostAt(text, start);
  const before = baseBefore(text, start);
  // `_` may be a delimiter: `_https://…_`.
  if (host === undefined || (isOfWord(before) && before !== '_')) return undefined;
  let end = addressEnd(text, host);
  while (end > host && trailing.includes(text.charAt(end - 1))) end--;
  return end > host ? end : undefined;
};

/** The length of an address in brackets, at most, in UTF-16 units. */
const targetLengthMax = 2048;

/** The end of an address in round brackets, unless it contains an unbalanced one. */
const targetEnd = (text: string, start: number): number | undefined => {
  let open = 0;
  const last = Math.min(text.length, start + targetLengthMax);
  for (let at = start; at < last; at++) {
    const sign = text.charAt(at);
    if (sign <= ' ' || sign === '<' || sign === '>' || sign === '\\') return undefined;
    if (sign === '(') open += 1;
    else if (sign === ')' && open === 0) return at;
    else if (sign === ')') open -= 1;
  }
  return undefined;
};

/** The address in `](https://…)`, from its closing `]`; undefined if a page must not link to it. */
export const targetAt = (text: string, bracket: number): string | undefined => {
  const start = bracket + 2;
  if (text.charAt(bracket + 1) !== '(' || hostAt(text, start) === undefined) return undefined;
  const end = targetEnd(text, start);
  const url = end === undefined ? '' : text.slice(start, end);
  return hrefOf(url) !== undefined && !/[\s\p{Cc}\p{Cs}]/u.test(url) ? url : undefined;
};

const parsed = (url: string): URL | undefined => {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
};

/**
 * The target of an address, as browsers normalise it. Only web addresses, and none that hides its host behind a name.
 */
export const hrefOf = (url: string): string | undefined => {
  const found = parsed(url);
  if (!found || !['http:', 'https:'].includes(found.protocol)) return undefined;
  return found.username === '' && found.password === '' ? found.href : undefined;
};

const address = /:\/\/|[\p{L}\p{N}]\.\p{L}{2}/u;

const withoutWww = (host: string | undefined): string | undefined => host?.replace(/^www\./, '');

/** The host to show beside a link, if its text looks like an address of another host. */
export const hostToShow = (text: string, href: string): string | undefined => {
  const visible = text.normalize('NFKC').replaceAll(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');
  if (!address.test(visible)) return undefined;
  const named = parsed(visible.includes('://') ? visible : `https://${visible}`);
  const host = parsed(href)?.host;
  return named?.username === '' && withoutWww(named.host) === withoutWww(host) ? undefined : host;
};
