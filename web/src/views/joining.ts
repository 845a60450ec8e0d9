import { useApp, useChat } from './context.ts';

/** Joins a circle, with an invite if needed, and opens it. */
export const useJoin = () => {
  const app = useApp();
  const { client, memberships } = useChat();
  return async (circle: string, invite?: string): Promise<void> => {
    const from = app.navigation.route.peek();
    try {
      const joined = await client.command('join-circle', { circle, ...(invite && { invite }) });
      memberships.enter(joined.circle);
      // Unless the user has navigated elsewhere meanwhile.
      if (app.navigation.route.peek() === from) app.goToCircle(circle);
    } catch (error) {
      app.fail(error);
    }
  };
};

/** Opens the direct conversation with a user. Rejects with an `OshiError`. */
export const useWriteTo = () => {
  const app = useApp();
  const { client, memberships } = useChat();
  return async (user: string, signal?: AbortSignal): Promise<void> => {
    const from = app.navigation.route.peek();
    const { circle } = await client.command('open-direct', { user }, { signal });
    memberships.enter(circle);
    if (app.navigation.route.peek() !== from) return;
    app.overlay.value = undefined;
    app.navigation.go({ at: 'circle', circle: circle.id, stream: circle.id });
  };
};
