import { isolate } from '../../../src/text/direction.ts';
import type { Outgoing } from '../state/outbox.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { type ConversationProps, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { Name } from './names.tsx';
import { Quote } from './quote.tsx';
import { RichText } from './rich-text.tsx';

export type OutgoingProps = ConversationProps & {
  readonly message: Outgoing;
  readonly isFollowing: boolean;
};

/** A message being sent, or that could not be sent. */
export const OutgoingItem = ({ message, isFollowing, room, conversation }: OutgoingProps) => {
  const { me, outboxes } = useChat();
  const { s } = conversation;
  const name = room.nameOf(me.id);
  const isFailed = message.state === 'failed';
  const follows = isFollowing ? 'following' : '';
  const classes = `message mine outgoing ${message.state} ${follows}`;
  const note = !isFailed && <span class="pending">sending…</span>;
  return (
    <li class={classes} data-key={message.id}>
      <article aria-label={`${isolate(name)}, ${isFailed ? 'not sent' : 'sending'}`} tabIndex={-1}>
        {message.replyTo !== undefined && (
          <Quote id={message.replyTo} {...{ room, conversation }} />
        )}
        <div class="message-row">
          {isFollowing ? (
            <span class="gutter" />
          ) : (
            <span class="author-avatar">
              <Avatar id={me.id} name={name} />
            </span>
          )}
          <div class="message-main">
            {!isFollowing && (
              <p class="message-head">
                <Name class="author" text={name} />
                <span class="you">you</span>
                {note}
              </p>
            )}
            <RichText text={message.text} room={room} after={isFollowing && note} />
            {isFailed && (
              <div class="send-error" role="alert">
                <p>
                  <Icon name="alert" /> Not sent. {message.reason}
                </p>
                <Button onClick={() => outboxes.retry(s, message.id)}>Try again</Button>
                <Button onClick={() => outboxes.discard(s, message.id)}>Discard</Button>
              </div>
            )}
          </div>
        </div>
      </article>
    </li>
  );
};
