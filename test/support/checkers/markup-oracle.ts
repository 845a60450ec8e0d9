import { hrefOf } from '../../../src/text/markup/links.ts';
import type { Block, Inline } from '../../../src/text/markup/tree.ts';

/** From where to where something stands in a message. */
type Extent = { readonly start: number; readonly end: number };

type Container = Exclude<Inline, { readonly text: string }>;

/**
 * Follows a drawn message by the positions of its texts. What it marks as seen is drawn, or is the delimiter of what is
 * drawn; it throws where a position is wrong, or the order is not that of the message.
 */
class Coverage {
  readonly #text: string;
  readonly #seen: Uint8Array;
  #last = 0;
  readonly markers: string[] = [];
  readonly fences: (string | undefined)[] = [];
  quotes = 0;

  constructor(text: string) {
    this.#text = text;
    this.#seen = new Uint8Array(text.length);
  }

  /** What was not seen, without white space. */
  get rest(): string[] {
    const signs = Array.from({ length: this.#text.length }, (_, at) =>
      this.#seen[at] === 0 ? this.#text.charAt(at) : '\0',
    );
    return signs
      .join('')
      .split(/[\s\0]+/)
      .filter(Boolean);
  }

  #take(start: number, expected: string): Extent {
    const end = start + expected.length;
    const found = this.#text.slice(start, end);
    if (found !== expected || start < 0)
      throw new Error(`${start}: ${JSON.stringify({ found, expected })}`);
    this.#seen.fill(1, start, end);
    return { start, end };
  }

  #leaf(at: number, text: string): Extent {
    if (at < this.#last) throw new Error(`${at} is drawn behind ${this.#last}`);
    const extent = this.#take(at, text);
    this.#last = extent.end;
    return extent;
  }

  blocks(blocks: readonly Block[]): void {
    for (const block of blocks) this.#block(block);
  }

  #block(block: Block): void {
    if (block.is === 'lines') for (const inline of block.inlines) this.#inline(inline);
    else if (block.is === 'code') this.#code(block);
    else if (block.is === 'quote') {
      this.quotes += 1;
      this.blocks(block.blocks);
    } else
      for (const { marker, blocks } of block.items) {
        this.markers.push(marker);
        this.blocks(blocks);
      }
  }

  /** Between its lines there may be white space, and marks of quotes. */
  #code({ at, text, language }: Extract<Block, { is: 'code' }>): void {
    this.fences.push(language);
    let start = at;
    for (const line of text.split('\n')) {
      const lineEnd = (this.#text.indexOf('\n', start) + 1 || this.#text.length + 1) - 1;
      const found = this.#text.indexOf(line, start);
      if (found > lineEnd || found < 0)
        throw new Error(`${start}: no line ${JSON.stringify(line)}`);
      this.#leaf(found, line);
      start = lineEnd + 1;
    }
  }

  #inline(inline: Inline): Extent {
    if (inline.is === 'code') return this.#inlineCode(this.#leaf(inline.at, inline.text));
    if ('text' in inline) return this.#leaf(inline.at, inline.text);
    const extents = inline.inlines.map((each) => this.#inline(each));
    const inner = { start: extents[0]?.start ?? -1, end: extents.at(-1)?.end ?? -1 };
    return this.#delimited(inline, inner);
  }

  #inlineCode({ start, end }: Extent): Extent {
    const isPadded = this.#text.charAt(start - 1) === ' ' && this.#text.charAt(end) === ' ';
    const pad = isPadded ? 1 : 0;
    const [ticks = ''] = /`*$/.exec(this.#text.slice(0, start - pad)) ?? [];
    if (ticks === '') throw new Error(`${start}: code without backticks`);
    return {
      start: this.#take(start - pad - ticks.length, ticks).start,
      end: this.#take(end + pad, ticks).end,
    };
  }

  #delimited(inline: Container, { start, end }: Extent): Extent {
    if (inline.is === 'link') return this.#link(inline.href, { start, end });
    const sign = this.#text.charAt(start - 1);
    const allowed = { bold: '*', italic: '*_', struck: '~' }[inline.is];
    if (sign === '' || !allowed.includes(sign))
      throw new Error(`${start}: ${inline.is} by ${sign}`);
    const delimiter = inline.is === 'italic' ? sign : sign + sign;
    return {
      start: this.#take(start - delimiter.length, delimiter).start,
      end: this.#take(end, delimiter).end,
    };
  }

  #link(href: string, { start, end }: Extent): Extent {
    const isBare = this.#text.charAt(start - 1) !== '[' || !this.#text.startsWith('](', end);
    if (isBare) return { start, end };
    for (let close = end; close < this.#text.length; close++) {
      if (this.#text.charAt(close) !== ')' || hrefOf(this.#text.slice(end + 2, close)) !== href)
        continue;
      this.#take(start - 1, '[');
      return { start: start - 1, end: this.#take(end, this.#text.slice(end, close + 1)).end };
    }
    return { start, end };
  }
}

/**
 * What is wrong with how a message is drawn; undefined if nothing is. Every character that can be seen is drawn, or is
 * a delimiter of something that is drawn, and everything is drawn in its order.
 */
export const lost = (text: string, blocks: readonly Block[]): string | undefined => {
  const coverage = new Coverage(text);
  try {
    coverage.blocks(blocks);
  } catch (error) {
    return String(error);
  }
  const rest = coverage.rest.filter((each) => !/^>+$/.test(each) || coverage.quotes === 0);
  const isFence = (each: string): boolean => each.startsWith('```');
  const markers = rest.filter((each) => !isFence(each));
  const fences = rest.filter(isFence).map((each) => each.replace(/^`+/, '') || undefined);
  const expected = coverage.fences.flatMap((language) => [language, undefined]);
  const same = (one: unknown, other: unknown): boolean =>
    JSON.stringify(one) === JSON.stringify(other);
  if (!same(markers, coverage.markers)) return `lost: ${JSON.stringify(markers)}`;
  return same(fences, expected) ? undefined : `fences: ${JSON.stringify({ fences, expected })}`;
};
