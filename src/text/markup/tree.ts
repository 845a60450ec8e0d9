/** At most so many parts of a message are drawn apart; the rest stays as it was typed. So no message takes long to draw. */
export const partsMax = 250;

/**
 * At most so many delimiters of emphasis, code and links are looked at in a message, and what follows them is
 * text: to pair them takes a time that grows with their square.
 */
export const delimitersMax = 250;

/** Quotes and lists nest so deep; what would be deeper stays as it was typed. */
export const depthMax = 6;

/** A user that a mention may name: a folded username, and its length in the mention's text, `@` included. */
export type Candidate = { readonly name: string; readonly length: number };

/** A piece of text, and where it begins in the message, in UTF-16 units. */
type Piece = { readonly text: string; readonly at: number };

/**
 * What a line is made of. A mention has its candidates in order of preference: the first that is a member's name is
 * meant, and the rest of its text stays text. A link has a `host` where its text names another address than the one it
 * leads to; a client shows that host beside it.
 */
export type Inline =
  | ({ readonly is: 'text' | 'code' } & Piece)
  | ({ readonly is: 'mention'; readonly candidates: readonly Candidate[] } & Piece)
  | { readonly is: 'bold' | 'italic' | 'struck'; readonly inlines: readonly Inline[] }
  | {
      readonly is: 'link';
      readonly href: string;
      readonly host?: string;
      readonly inlines: readonly Inline[];
    };

/** An entry of a list. `marker` is what was typed: `-`, `*`, `3.` or `3)`. */
export type Item = { readonly marker: string; readonly blocks: readonly Block[] };

/**
 * What a message is made of. `lines` are lines as they were typed, blank ones and white space included. All is plain
 * JSON.
 */
export type Block =
  | { readonly is: 'lines'; readonly inlines: readonly Inline[] }
  | { readonly is: 'quote'; readonly blocks: readonly Block[] }
  | { readonly is: 'list'; readonly items: readonly Item[] }
  | ({ readonly is: 'code'; readonly language?: string } & Piece);

/** What may still be drawn apart of a message, and how many delimiters are still looked at. */
export type Budget = { parts: number; delimiters: number };

/** A line of a message, or of a quote or an item in it, without what marks it as theirs. */
export type Line = {
  readonly text: string;
  readonly at: number;
  /** Whether it follows the marker of an item. */
  readonly isItem?: true;
};
