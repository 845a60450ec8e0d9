import type { Message } from '../../../src/client/objects.ts';
import type { Conversation } from '../state/conversation.ts';
import { counted } from '../state/labels.ts';
import { useApp, useChat } from './context.ts';

export type ReactionsProps = {
  readonly message: Message;
  readonly conversation: Conversation;
};

/**
 * The reactions to a message; the user's own are marked, and a click toggles one. They are in the order of their first
 * use: sorted by number, they would move under the pointer.
 */
export const Reactions = ({ message, conversation }: ReactionsProps) => {
  const toggle = useReact(conversation, message);
  const all = Object.entries(message.reactions ?? {});
  if (all.length === 0) return null;
  return (
    <ul class="reactions" aria-label="Reactions">
      {all.map(([emoji, { count, me }]) => (
        <li key={emoji}>
          <button
            type="button"
            class="reaction"
            aria-pressed={me}
            aria-label={`${emoji}, ${counted(count, 'reaction')}`}
            onClick={() => toggle(emoji)}
          >
            <span aria-hidden="true">{emoji}</span> {count}
          </button>
        </li>
      ))}
    </ul>
  );
};

/** Toggles the user's reaction. */
export const useReact = (conversation: Conversation, message: Message) => {
  const app = useApp();
  const { client } = useChat();
  return (emoji: string): void => {
    const isOwn = message.reactions?.[emoji]?.me ?? false;
    const op = isOwn ? 'unreact' : 'react';
    app.attempt(client.command(op, { s: conversation.s, id: message.id, emoji }));
  };
};
