import { useEffect } from 'preact/hooks';
import type { Stream } from '../../../src/client/objects.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';
import { Composer } from './composer.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { LiveRegion } from './live-region.tsx';
import { Timeline } from './timeline.tsx';
import { TypingLine } from './typing-line.tsx';

export type ConversationProps = {
  readonly room: CircleRoom;
  readonly stream: Stream;
  readonly conversation: Conversation;
};

/** A stream, or a direct conversation: what was said, and the place to say something. */
export const ConversationView = (props: ConversationProps) => {
  const { room, stream, conversation } = props;
  const name = titleOf(props);
  useEffect(() => {
    conversation.isShown.value = true;
    void room.openMembers();
    return () => {
      conversation.isShown.value = false;
      conversation.divider.value = undefined;
    };
  }, [conversation, room]);
  return (
    <main class="middle conversation" aria-label={name}>
      <ConversationHead {...props} />
      <Timeline {...{ room, conversation, name }} />
      <TypingLine {...{ room, conversation }} />
      {stream.archived ? (
        <p class="archived-note">
          This stream is archived. It can be read, and nothing can be added.
        </p>
      ) : (
        <Composer {...{ room, conversation, name }} />
      )}
      <LiveRegion room={room} s={conversation.s} />
    </main>
  );
};

/** What a conversation is called: `#general`, or the other person. */
export const titleOf = ({ room, stream }: Pick<ConversationProps, 'room' | 'stream'>): string => {
  const other = room.entry.value.with;
  return other ? room.nameOf(other.id) : `#${stream.name}`;
};
