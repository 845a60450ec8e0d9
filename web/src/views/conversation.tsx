import { useEffect } from 'preact/hooks';
import type { Stream } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { Composer } from './composer.tsx';
import type { ConversationProps } from './context.ts';
import { ConversationHead } from './conversation-head.tsx';
import { LiveRegion } from './live-region.tsx';
import { Main } from './main-area.tsx';
import { Timeline } from './timeline.tsx';
import { TypingLine } from './typing-line.tsx';

export type ConversationViewProps = ConversationProps & { readonly stream: Stream };

/** A stream or a direct conversation: messages and composer. */
export const ConversationView = (props: ConversationViewProps) => {
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
