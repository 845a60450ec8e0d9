import { useState } from 'preact/hooks';
import type { Message } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { clockLabel, fullLabel } from '../state/labels.ts';
import { Avatar } from './avatar.tsx';
import { type ConversationProps, useApp, useChat } from './context.ts';
import { Guard } from './guard.tsx';
import { Icon } from './icon.tsx';
import { MessageActions } from './message-actions.tsx';
import { Name } from './names.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { PlainText, RichText } from './rich-text.tsx';

export type MessageProps = ConversationProps & {
  readonly message: Message;
  readonly isFollowing: boolean;
};

/** One message, with its header unless it follows one of the same author; as plain text if rendering fails. */
export const MessageItem = (props: MessageProps) => (
  <Guard instead={<PlainMessage {...props} />}>
    <RenderedMessage {...props} />
  </Guard>
);

const PlainMessage = ({ message, room }: MessageProps) => (
  <li class="message" data-key={message.id} data-m={message.m}>
    <article tabIndex={-1}>
      <div class="message-row">
        <span class="gutter" />
        <div class="message-main">
          <p class="message-head">
            <Name class="author" text={room.nameOf(message.by)} />
          </p>
          <PlainText text={message.text ?? ''} />
        </div>
      </div>
    </article>
  </li>
);

const RenderedMessage = (props: MessageProps) => {
  const { message, isFollowing, room, conversation } = props;
  const { me } = useChat();
  const { calendar, isTouch } = useApp();
  void calendar.value;
  const [isNear, setNear] = useState(false);
  const [isHeld, setHeld] = useState(false);
  const name = room.nameOf(message.by);
  const isMine = message.by === me.id;
  const isLast = conversation.timeline.value.stream.last === message.m;
  const classes = ['message'];
  if (isFollowing) classes.push('following');
  if (isMine) classes.push('mine');
  if (message.mentions?.includes(me.id)) classes.push('mentions-me');
  if (conversation.draft.editing.id.value === message.id) classes.push('editing');
  if (isHeld) classes.push('active');
  return (
    <li class={classes.join(' ')} data-key={message.id} data-m={message.m}>
      <article
        tabIndex={isLast ? 0 : -1}
        aria-label={`${isolate(name)}, ${clockLabel(message.at)}`}
        // Touch has no hover, whatever the browser reports for taps: a tapped message has the focus instead.
        onPointerEnter={() => !isTouch.value && setNear(true)}
        onPointerLeave={() => !isTouch.value && setNear(false)}
        onFocusIn={() => setNear(true)}
        onFocusOut={(event) =>
          !event.currentTarget.contains(event.relatedTarget as Node | null) && setNear(false)
        }
      >
        {message.replyTo !== undefined && (
          <Quote id={message.replyTo} {...{ room, conversation }} />
        )}
        <div class="message-row">
          {isFollowing ? (
            <Gutter at={message.at} />
          ) : (
            <Face {...{ room, user: message.by, isNear }} />
          )}
          <div class="message-main">
            {!isFollowing && <Head {...{ message, room, isMine }} />}
            <Body {...props} />
            <Reactions {...{ message, conversation }} />
          </div>
        </div>
        {(isNear || isHeld) && !message.deleted && (
          <MessageActions {...{ message, conversation, room }} onHold={setHeld} />
        )}
      </article>
    </li>
  );
};

const Gutter = ({ at }: { readonly at: number }) => (
  <time class="gutter" dateTime={new Date(at).toISOString()}>
    {clockLabel(at)}
  </time>
);

type FaceProps = Pick<MessageProps, 'room'> & {
  readonly user: string;
  /** Only then it is a tab stop, so that there are not hundreds. */
  readonly isNear: boolean;
};

const Face = ({ room, user, isNear }: FaceProps) => {
  const app = useApp();
  const name = room.nameOf(user);
  return (
    <button
      type="button"
      class="author-avatar"
      tabIndex={isNear ? 0 : -1}
      aria-label={`About ${isolate(name)}`}
      onClick={() => app.show({ is: 'person', user, circle: room.id })}
    >
      <Avatar id={user} name={name} />
    </button>
  );
};

type HeadProps = Pick<MessageProps, 'message' | 'room'> & { readonly isMine: boolean };

const Head = ({ message, room, isMine }: HeadProps) => (
  <p class="message-head">
    <Name class="author" text={room.nameOf(message.by)} />
    {isMine && <span class="you">you</span>}
    <time dateTime={new Date(message.at).toISOString()} title={fullLabel(message.at)}>
      {clockLabel(message.at)}
    </time>
    {message.pinned && <Pinned />}
  </p>
);

const Pinned = () => (
  <span class="pinned" title="Pinned">
    <Icon name="pin" />
    <span class="visually-hidden">pinned</span>
  </span>
);

const Body = (props: MessageProps) => {
  const { message, room } = props;
  if (message.deleted) return <p class="tombstone">This message was deleted.</p>;
  const { text = '', mentions } = message;
  return <RichText {...{ text, mentions, room }} after={<Notes {...props} />} />;
};

/** Notes next to a message's text. */
const Notes = ({ message, conversation, isFollowing }: MessageProps) => {
  const app = useApp();
  return (
    <>
      {message.editedAt !== undefined && (
        <button
          type="button"
          class="edited"
          title={`Edited ${fullLabel(message.editedAt)}`}
          onClick={() => app.show({ is: 'edits', conversation, id: message.id })}
        >
          (edited)
        </button>
      )}
      {isFollowing && message.pinned && <Pinned />}
    </>
  );
};
