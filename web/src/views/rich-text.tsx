import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { User } from '../../../src/client/objects.ts';
import { fold } from '../../../src/text/fold.ts';
import { parse } from '../../../src/text/markup/parse.ts';
import type { Block, Inline, Item } from '../../../src/text/markup/tree.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { isEmojiOnly } from '../state/rich-text.ts';
import { CodeBlock } from './code-block.tsx';
import { useApp, useChat } from './context.ts';
import { Guard } from './guard.tsx';

export type RichTextProps = {
  readonly text: string;
  readonly room: CircleRoom;
  readonly mentions?: readonly string[] | undefined;
  /** Follows the last word. */
  readonly after?: ComponentChildren;
};

/** A message's text with its markup and mentions; everything else as typed. */
export const RichText = (props: RichTextProps) => (
  <Guard key={props.text} instead={<PlainText {...props} />}>
    <Markup {...props} />
  </Guard>
);

/** A message's text as typed. */
export const PlainText = ({ text, after }: Pick<RichTextProps, 'text' | 'after'>) => (
  <div class="text">
    <p dir="auto">
      {text}
      {after}
    </p>
  </div>
);

const Markup = ({ text, room, mentions = [], after }: RichTextProps) => {
  const blocks = useMemo(() => parse(text), [text]);
  const isLarge = useMemo(() => isEmojiOnly(text), [text]);
  const context = { room, mentioned: useMentioned(mentions) };
  const last = blocks.at(-1);
  return (
    <div class={isLarge ? 'text large-emoji' : 'text'}>
      {blocks.map((block, index) =>
        block.is === 'lines' ? (
          <p key={index} dir="auto">
            {renderAll(block.inlines, context)}
            {block === last && after}
          </p>
        ) : (
          renderBlock(block, index, context)
        ),
      )}
      {last?.is !== 'lines' && after}
    </div>
  );
};

/** The users mentioned according to the server, by folded username. */
type Mentioned = ReadonlyMap<string, User>;

const useMentioned = (ids: readonly string[]): Mentioned => {
  const { people } = useChat();
  const users = ids.flatMap((id) => people.get(id) ?? []);
  return new Map(users.map((user) => [fold(user.username), user]));
};

type Context = { readonly room: CircleRoom; readonly mentioned: Mentioned };

/** Functions instead of components except for code and mentions, since a message may have hundreds of these. */
const renderBlock = (block: Block, key: number, context: Context) => {
  switch (block.is) {
    case 'lines':
      // Part of a quote or an item, whose direction these lines share.
      return <p key={key}>{renderAll(block.inlines, context)}</p>;
    case 'quote':
      return (
        <blockquote key={key} dir="auto">
          {block.blocks.map((each, index) => renderBlock(each, index, context))}
        </blockquote>
      );
    case 'list':
      return renderList(block.items, key, context);
    case 'code':
      return <CodeBlock key={key} text={block.text} language={block.language} />;
  }
};

/** A list with its numbers as typed. */
const renderList = (items: readonly Item[], key: number, context: Context) => {
  const { marker = '' } = items[0] ?? {};
  const drawn = items.map((item, index) => (
    <li
      key={index}
      dir="auto"
      value={/^\d/.test(item.marker) ? Number.parseInt(item.marker, 10) : undefined}
    >
      {item.blocks.map((block, place) => renderBlock(block, place, context))}
    </li>
  ));
  if (/^[-*]/.test(marker)) return <ul key={key}>{drawn}</ul>;
  const digits = Math.max(...items.map((item) => item.marker.length)) - 1;
  return (
    <ol
      key={key}
      class={marker.endsWith(')') ? 'in-brackets' : undefined}
      style={{ '--digits': String(digits) }}
    >
      {drawn}
    </ol>
  );
};

const renderAll = (inlines: readonly Inline[], context: Context) =>
  inlines.map((inline, index) => renderInline(inline, index, context));

const renderInline = (inline: Inline, key: number, context: Context) => {
  switch (inline.is) {
    case 'text':
      return inline.text;
    case 'bold':
      return <strong key={key}>{renderAll(inline.inlines, context)}</strong>;
    case 'italic':
      return <em key={key}>{renderAll(inline.inlines, context)}</em>;
    case 'struck':
      return <s key={key}>{renderAll(inline.inlines, context)}</s>;
    case 'code':
      return <code key={key}>{inline.text}</code>;
    case 'link':
      return renderLink(inline, key, context);
    case 'mention':
      return <Mention key={key} {...{ inline, ...context }} />;
  }
};

type LinkInline = Extract<Inline, { is: 'link' }>;

const renderLink = ({ href, host, inlines }: LinkInline, key: number, context: Context) => (
  <span key={key}>
    <a dir="auto" href={href} target="_blank" rel="noopener noreferrer nofollow">
      {renderAll(inlines, context)}
    </a>
    {host !== undefined && <span class="link-host"> ({host})</span>}
  </span>
);

type MentionInline = Extract<Inline, { is: 'mention' }>;

/** A mention of a user, if the server recognised it; else the text as typed. */
const Mention = ({ inline, room, mentioned }: Context & { readonly inline: MentionInline }) => {
  const app = useApp();
  const { me } = useChat();
  const { text, candidates } = inline;
  const match = candidates.find(({ name }) => mentioned.has(name));
  const user = match && mentioned.get(match.name);
  if (!user) return <>{text}</>;
  return (
    <>
      <button
        type="button"
        class={user.id === me.id ? 'mention own' : 'mention'}
        onClick={() => app.show({ is: 'person', user: user.id, circle: room.id })}
      >
        @<bdi>{room.nameOf(user.id)}</bdi>
      </button>
      {text.slice(match.length)}
    </>
  );
};
