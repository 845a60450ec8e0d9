import { useEffect } from 'preact/hooks';
import type { Stream } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';
import { Composer } from './composer.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { LiveRegion } from './live-region.tsx';
import { Main } from './main-area.tsx';
import { Timeline } from './timeline.tsx';
import { TypingLine } from './typing-line.tsx';

export type ConversationProps = {
  readonly room: CircleRoom;
  readonly stream: Stream;
  readonly conversation: Conversation;
};

/** A stream or a direct conversation: messages and composer. */
export const ConversationView = (props: ConversationProps) => {
  const { room, stream, conversation } = props;
  const name = room.titleOf(stream.s);
  const title = room.isDirect
    ? isolate(name)
    : `${isolate(name)} · ${isolate(room.entry.value.name)}`;
  useEffect(() => {
    conversation.isShown.value = true;
    void room.openMembers();
    return () => {
      conversation.isShown.value = false;
      conversation.divider.value = undefined;
    };
  }, [conversation, room]);
  return (
    <Main class="middle conversation" label={isolate(name)} title={title}>
      <ConversationHead {...props} />
      <Timeline {...{ room, conversation, name }} />
      <TypingLine {...{ room, conversation }} />
      {stream.archived ? (
        <p class="archived-note">This stream is archived and read-only.</p>
      ) : (
        <Composer {...{ room, conversation, name }} />
      )}
      <LiveRegion room={room} s={conversation.s} />
    </Main>
  );
};
