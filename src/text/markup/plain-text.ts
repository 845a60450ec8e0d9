import type { Block, Inline, Item } from './tree.ts';

/** The text of parts of a line, without their markup. */
export const textOf = (inlines: readonly Inline[]): string =>
  inlines.map((inline) => ('inlines' in inline ? textOf(inline.inlines) : inline.text)).join('');

const ofItem = ({ marker, blocks }: Item): string => `${marker} ${plainText(blocks)}`;

const ofBlock = (block: Block): string => {
  switch (block.is) {
    case 'lines':
      return textOf(block.inlines);
    case 'code':
      return block.text;
    case 'quote':
      return plainText(block.blocks);
    case 'list':
      return block.items.map(ofItem).join('\n');
  }
};

/** A message as plain text, for a preview in one line. */
export const plainText = (blocks: readonly Block[]): string => blocks.map(ofBlock).join('\n');
