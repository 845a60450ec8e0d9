import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { User } from '../../../src/client/objects.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { type Block, blocksOf, type Inline, isEmojiOnly } from '../state/rich-text.ts';
import { useApp, useChat } from './context.ts';
import { Guard } from './guard.tsx';

export type RichTextProps = {
  readonly text: string;
  readonly room: CircleRoom;
  readonly mentions?: readonly string[] | undefined;
  /** What stands behind the last word. */
  readonly after?: ComponentChildren;
};

/** A message's text with links, code, emphasis and mentions; everything else stands as it was typed. */
export const RichText = (props: RichTextProps) => (
  <Guard key={props.text} instead={<PlainText {...props} />}>
    <Drawn {...props} />
  </Guard>
);

/** A message's text as it was typed. */
export const PlainText = ({ text, after }: Pick<RichTextProps, 'text' | 'after'>) => (
  <div class="text">
    <p>
      {text}
      {after}
    </p>
  </div>
);

const Drawn = ({ text, room, mentions = [], after }: RichTextProps) => {
  const blocks = useMemo(() => blocksOf(text), [text]);
  const isLarge = useMemo(() => isEmojiOnly(text), [text]);
  const mentioned = useMentioned(mentions);
  return (
    <div class={isLarge ? 'text large-emoji' : 'text'}>
      {blocks.map((block, index) => (
        <BlockView key={index} {...{ block, room, mentioned }}>
          {index === blocks.length - 1 && block.is === 'lines' && after}
        </BlockView>
      ))}
      {blocks.at(-1)?.is !== 'lines' && after}
    </div>
  );
};

/** Those whom the server took a message to mention, by their folded usernames. */
type Mentioned = ReadonlyMap<string, User>;

const folded = (name: string): string => name.normalize('NFKC').toLowerCase();

const useMentioned = (ids: readonly string[]): Mentioned => {
  const { people } = useChat();
  const users = ids.flatMap((id) => people.get(id) ?? []);
  return new Map(users.map((user) => [folded(user.username), user]));
};

type Context = { readonly room: CircleRoom; readonly mentioned: Mentioned };

type BlockProps = Context & { readonly block: Block; readonly children: ComponentChildren };

const BlockView = ({ block, children, ...context }: BlockProps) => {
  if (block.is === 'code') {
    return (
      <pre>
        <code>{block.text}</code>
      </pre>
    );
  }
  const inlines = block.inlines.map((inline, index) => drawn(inline, index, context));
  if (block.is === 'quote') return <blockquote>{inlines}</blockquote>;
  return (
    <p>
      {inlines}
      {children}
    </p>
  );
};

/** No component but for mentions, for a message may have hundreds of these. */
const drawn = (inline: Inline, key: number, context: Context) => {
  switch (inline.is) {
    case 'text':
      return inline.text;
    case 'bold':
      return <strong key={key}>{inline.text}</strong>;
    case 'italic':
      return <em key={key}>{inline.text}</em>;
    case 'code':
      return <code key={key}>{inline.text}</code>;
    case 'link':
      return (
        <a key={key} href={inline.href} target="_blank" rel="noopener noreferrer nofollow">
          {inline.text}
        </a>
      );
    case 'mention':
      return <Mention key={key} {...{ inline, ...context }} />;
  }
};

type MentionInline = Extract<Inline, { is: 'mention' }>;

/** Greedy to the last character that may end a name; from the end, each `.` and `-` would be tried as the first. */
const ended = /^.*[^.-]/su;

/** A mention of a user, if the server took it for one; else what was typed. */
const Mention = ({ inline, room, mentioned }: Context & { readonly inline: MentionInline }) => {
  const app = useApp();
  const { me } = useChat();
  const user =
    mentioned.get(folded(inline.name)) ?? mentioned.get(folded(ended.exec(inline.name)?.[0] ?? ''));
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
