import type { Block, Inline, Item } from '../../../src/text/markup/tree.ts';

const tags = { bold: 'b', italic: 'i', struck: 's' } as const;

const inlineAs = (inline: Inline): string => {
  switch (inline.is) {
    case 'text':
    case 'mention':
      return inline.text;
    case 'code':
      return `<code>${inline.text}</code>`;
    case 'link': {
      const beside = inline.host === undefined ? '' : ` (${inline.host})`;
      return `<a ${inline.href}>${inline.inlines.map(inlineAs).join('')}</a>${beside}`;
    }
    default: {
      const tag = tags[inline.is];
      return `<${tag}>${inline.inlines.map(inlineAs).join('')}</${tag}>`;
    }
  }
};

const itemAs = ({ marker, blocks }: Item): string => `<item ${marker}>${drawnAs(blocks)}</item>`;

const blockAs = (block: Block): string => {
  switch (block.is) {
    case 'lines':
      return block.inlines.map(inlineAs).join('');
    case 'quote':
      return `<quote>${drawnAs(block.blocks)}</quote>`;
    case 'list':
      return block.items.map(itemAs).join('');
    case 'code':
      return `<pre${block.language === undefined ? '' : ` ${block.language}`}>${block.text}</pre>`;
  }
};

/** How a message is drawn, in the notation of docs/messages.md. */
export const drawnAs = (blocks: readonly Block[]): string => blocks.map(blockAs).join('');
