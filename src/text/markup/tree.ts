/**
 * Parts of a message that are marked up, at most; the rest stays as it was typed. This bounds the time to render a
 * message.
 */
export const partsMax = 250;

/**
 * Delimiters of emphasis, code and links that are considered in a message, at most; what follows them is text:
 * pairing them takes quadratic time.
 */
export const delimitersMax = 250;

/** The nesting of quotes and lists, at most; what is deeper stays as it was typed. */
export const depthMax = 6;

/** A user that a mention may name: a folded username, and its length in the mention's text, `@` included. */
export type Candidate = { readonly name: string; readonly length: number };

/** A piece of text, and its offset in the message, in UTF-16 units. */
type Piece = { readonly text: string; readonly at: number };

/**
 * A part of a line. A mention has its candidates in order of preference: the first that is a member's name is
 * mentioned, and the rest of its text stays text. A link has a `host` if its text names another address than its
 * target; a client shows that host beside it.
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

/** An item of a list. `marker` is what was typed: `-`, `*`, `3.` or `3)`. */
export type Item = { readonly marker: string; readonly blocks: readonly Block[] };

/**
 * A block of a message. `lines` are lines as they were typed, including blank ones and white space. All is plain
 * JSON.
 */
export type Block =
  | { readonly is: 'lines'; readonly inlines: readonly Inline[] }
  | { readonly is: 'quote'; readonly blocks: readonly Block[] }
  | { readonly is: 'list'; readonly items: readonly Item[] }
  | ({ readonly is: 'code'; readonly language?: string } & Piece);

/** The remaining budget of a message: parts, and delimiters. */
export type Budget = { parts: number; delimiters: number };

/** A line of a message, or of a quote or an item in it, without their marks. */
export type Line = {
  readonly text: string;
  readonly at: number;
  /** Whether it follows the marker of an item. */
  readonly isItem?: true;
};
