import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CircleRoom } from '../state/circle-room.ts';
import { type Block, blocksOf, type Inline, isEmojiOnly } from '../state/rich-text.ts';
import { useApp, useChat } from './context.ts';

export type RichTextProps = {
  readonly text: string;
  readonly room: CircleRoom;
  readonly mentions?: readonly string[] | undefined;
  /** What stands behind the last word. */
  readonly after?: ComponentChildren;
};

/** A message's text with links, code, emphasis and mentions; everything else stands as it was typed. */
export const RichText = ({ text, room, mentions = [], after }: RichTextProps) => {
  const blocks = useMemo(() => blocksOf(text), [text]);
  const isLarge = useMemo(() => isEmojiOnly(text), [text]);
  return (
    <div class={isLarge ? 'text large-emoji' : 'text'}>
      {blocks.map((block, index) => (
        <BlockView key={index} {...{ block, room, mentions }}>
          {index === blocks.length - 1 && block.is === 'lines' && after}
        </BlockView>
      ))}
      {blocks.at(-1)?.is !== 'lines' && after}
    </div>
  );
};

type Context = { readonly room: CircleRoom; readonly mentions: readonly string[] };

type BlockProps = Context & { readonly block: Block; readonly children: ComponentChildren };

const BlockView = ({ block, children, ...context }: BlockProps) => {
  if (block.is === 'code') {
    return (
      <pre>
        <code>{block.text}</code>
      </pre>
    );
  }
  const inlines = block.inlines.map((inline, index) => (
    <InlineView key={index} {...{ inline, ...context }} />
  ));
  if (block.is === 'quote') return <blockquote>{inlines}</blockquote>;
  return (
    <p>
      {inlines}
      {children}
    </p>
  );
};

const InlineView = ({ inline, ...context }: Context & { readonly inline: Inline }) => {
  switch (inline.is) {
    case 'text':
      return <>{inline.text}</>;
    case 'bold':
      return <strong>{inline.text}</strong>;
    case 'italic':
      return <em>{inline.text}</em>;
    case 'code':
      return <code>{inline.text}</code>;
    case 'link':
      return (
        <a href={inline.href} target="_blank" rel="noopener noreferrer nofollow">
          {inline.text}
        </a>
      );
    case 'mention':
      return <Mention {...{ inline, ...context }} />;
  }
};

const folded = (name: string): string => name.normalize('NFKC').toLowerCase();

type MentionInline = Extract<Inline, { is: 'mention' }>;

/** A mention of somebody, if the server took it for one; else what was typed. */
const Mention = ({ inline, room, mentions }: Context & { readonly inline: MentionInline }) => {
  const app = useApp();
  const { people, me } = useChat();
  const names = [inline.name, inline.name.replace(/[.-]+$/, '')].map(folded);
  const user = mentions
    .map((id) => people.get(id))
    .find((person) => person && names.includes(folded(person.username)));
  if (!user) return <>{inline.text}</>;
  const rest = inline.name.slice(user.username.length);
  return (
    <>
      <button
        type="button"
        class={user.id === me.id ? 'mention of-me' : 'mention'}
        onClick={() => {
          app.overlay.value = { is: 'person', user: user.id, circle: room.id };
        }}
      >
        @{room.nameOf(user.id)}
      </button>
      {rest}
    </>
  );
};
