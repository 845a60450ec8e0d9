import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from '../app.ts';
import type { Chat } from '../state/chat.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';

export const AppContext = createContext<App | undefined>(undefined);

/** The app; throws outside of the page. */
export const useApp = (): App => {
  const app = useContext(AppContext);
  if (!app) throw new Error('no app in context');
  return app;
};

/** The logged-in user's state; throws while logged out. */
export const useChat = (): Chat => {
  const chat = useApp().chat.value;
  if (!chat) throw new Error('not logged in');
  return chat;
};

/** The properties of views within a conversation. */
export type ConversationProps = {
  readonly room: CircleRoom;
  readonly conversation: Conversation;
};
