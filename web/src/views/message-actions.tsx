import type { Message } from '../../../src/client/objects.ts';
import type { App } from '../app.ts';
import type { Chat } from '../state/chat.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { IconButton } from './button.tsx';
import { type ConversationProps, useApp, useChat } from './context.ts';
import { EmojiButton } from './emoji-picker.tsx';
import { Menu, type MenuItem } from './menu.tsx';
import { useReact } from './reactions.tsx';

export type MessageActionsProps = ConversationProps & {
  readonly message: Message;
  /** Called while one of its popovers is open. */
  readonly onHold: (isHeld: boolean) => void;
};

/** The actions of a message. */
export const MessageActions = (props: MessageActionsProps) => {
  const { message, room, conversation, onHold } = props;
  const app = useApp();
  const chat = useChat();
  const react = useReact(conversation, message);
  const isMine = message.by === chat.me.id;
  const isArchived = room.streams.find(({ s }) => s === conversation.s)?.archived;
  return (
    <div class="message-actions" role="toolbar" aria-label="Message actions">
      {!isArchived && (
        <>
          <EmojiButton label="React" onPick={react} onOpen={onHold} />
          <IconButton
            icon="reply"
            label="Reply"
            onClick={() => {
              conversation.draft.editing.suspend();
              conversation.draft.replyTo.value = message.id;
            }}
          />
        </>
      )}
      {isMine && !isArchived && (
        <IconButton
          icon="pencil"
          label="Edit"
          onClick={() => conversation.draft.editing.start(message)}
        />
      )}
      <Menu label="More actions" items={moreItems({ ...props, app, chat })} onOpen={onHold} />
    </div>
  );
};

type Context = MessageActionsProps & { readonly app: App; readonly chat: Chat };

const moreItems = ({ message, room, conversation, app, chat }: Context): MenuItem[] => {
  const { s } = conversation;
  const { id } = message;
  const isMine = message.by === chat.me.id;
  const isManager = room.isDirect || room.isOwner(chat.me.id);
  const askToDelete = (): void =>
    app.ask({
      title: 'Delete this message?',
      text: `Its text is removed from the conversation; a placeholder stays visible. ${readersOf(room, chat.me.id)}`,
      action: 'Delete',
      run: (signal) => chat.client.command('delete-message', { s, id }, { signal }),
    });
  const items: MenuItem[] = [
    {
      icon: 'copy',
      label: 'Copy text',
      onChoose: () => void app.copy(message.text ?? '', 'text'),
    },
  ];
  if (isManager) {
    items.push({
      icon: 'pin',
      label: message.pinned ? 'Unpin' : 'Pin',
      onChoose: () => app.attempt(chat.client.command(message.pinned ? 'unpin' : 'pin', { s, id })),
    });
  }
  if (message.editedAt !== undefined) {
    items.push({
      icon: 'clock',
      label: 'Edit history',
      onChoose: () => app.show({ is: 'edits', conversation, id }),
    });
  }
  if (isMine || (isManager && !room.isDirect)) {
    items.push({ icon: 'trash', label: 'Delete', isDanger: true, onChoose: askToDelete });
  }
  return items;
};

/** Who can still read a deleted message: the log is never rewritten. */
const readersOf = (room: CircleRoom, me: string): string => {
  const operator = 'the operator of this server.';
  if (room.isDirect) return `It can still be read by ${operator}`;
  const owner = room.isOwner(me) ? 'You' : 'The owner of the circle';
  return `${owner} can still read it under History, and so can ${operator}`;
};
