import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

/** What is being answered or edited, and the way out of it. */
export const ComposerBar = ({
  conversation,
  room,
}: {
  readonly conversation: Conversation;
  readonly room: CircleRoom;
}) => {
  const { editing, replyTo } = conversation;
  const message = editing.value ?? replyTo.value;
  if (!message) return null;
  const cancel = (): void => {
    editing.value = undefined;
    replyTo.value = undefined;
  };
  return (
    <div class="composer-bar">
      <Icon name={editing.value ? 'pencil' : 'reply'} />
      <p>
        {editing.value ? (
          <strong>Editing your message</strong>
        ) : (
          <>
            Replying to <strong>{room.nameOf(message.by)}</strong>
            <span class="quiet"> {message.text}</span>
          </>
        )}
      </p>
      <IconButton icon="close" label="Cancel" onClick={cancel} />
    </div>
  );
};
