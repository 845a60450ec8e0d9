import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from '../app.ts';
import type { Chat } from '../state/chat.ts';

export const AppContext = createContext<App | undefined>(undefined);

/** The page as a whole; throws outside of it. */
export const useApp = (): App => {
  const app = useContext(AppContext);
  if (!app) throw new Error('no app in context');
  return app;
};

/** What somebody who is logged in sees; throws where nobody is. */
export const useChat = (): Chat => {
  const chat = useApp().chat.value;
  if (!chat) throw new Error('not logged in');
  return chat;
};
