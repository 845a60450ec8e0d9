import type { Message } from '../../../src/client/objects.ts';
import type { Editing } from '../state/editing.ts';
import { oneLine } from '../state/rich-text.ts';
import { IconButton } from './button.tsx';
import { cancelDraft } from './composer-keys.ts';
import type { ConversationProps } from './context.ts';
import { Icon } from './icon.tsx';
import { Name } from './names.tsx';

/** The message being replied to or edited, with a cancel button. */
export const ComposerBar = ({ conversation, room }: ConversationProps) => {
  const { editing, replyTo } = conversation.draft;
  const isEditing = editing.id.value !== undefined;
  return (
    <div class="composer-bar">
      <Icon name={isEditing ? 'pencil' : 'reply'} />
      {isEditing ? (
        <EditingNote editing={editing} />
      ) : (
        <ReplyNote {...{ room, message: conversation.find(replyTo.value ?? '') }} />
      )}
      <IconButton icon="close" label="Cancel" onClick={() => cancelDraft(conversation)} />
    </div>
  );
};

/** The state of an edit: it stays open until the server has it. */
const EditingNote = ({ editing }: { readonly editing: Editing }) => {
  const problem = editing.problem.value;
  return (
    <p role="status">
      <strong>{editing.isSaving.value ? 'Saving your edit…' : 'Editing your message'}</strong>
      {problem !== '' && <span class="error"> Not saved. {problem}</span>}
    </p>
  );
};

type ReplyNoteProps = Pick<ConversationProps, 'room'> & { readonly message: Message | undefined };

const ReplyNote = ({ room, message }: ReplyNoteProps) =>
  message ? (
    <p>
      Replying to <Name text={room.nameOf(message.by)} />
      <span class="quiet">
        {' '}
        <bdi>{oneLine(message.text ?? '')}</bdi>
      </span>
    </p>
  ) : (
    <p>Replying to an earlier message</p>
  );
