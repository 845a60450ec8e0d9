import { environment } from '../../config.ts';

export type Colour = (text: string) => string;
export type Colours = Readonly<Record<'good' | 'busy' | 'bad' | 'faint' | 'strong', Colour>>;

const marked =
  (code: number, end: number): Colour =>
  (text) =>
    `\u001b[${code}m${text}\u001b[${end}m`;

const inColour: Colours = {
  good: marked(32, 39),
  busy: marked(33, 39),
  bad: marked(31, 39),
  faint: marked(2, 22),
  strong: marked(1, 22),
};

const asItIs: Colour = (text) => text;

export const plain: Colours = {
  good: asItIs,
  busy: asItIs,
  bad: asItIs,
  faint: asItIs,
  strong: asItIs,
};

/** Styles on a terminal, unless the user has disabled colours (no-color.org). */
export const coloursOf = ({ isTTY }: { readonly isTTY?: boolean }): Colours =>
  isTTY && !environment().NO_COLOR ? inColour : plain;
