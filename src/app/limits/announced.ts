import { limits } from './limits.ts';

/** The limits that the server tells its clients (W2). `text`: code points of a message. */
export const announcedLimits = (text: number) => ({
  frame: limits.frameBytesMax,
  subscriptions: limits.subscriptionsMax,
  unanswered: limits.unansweredMax,
  commands: { burst: limits.commandsBurst, perSecond: limits.commandsPerSecond },
  signals: limits.signalsPerSecond,
  text,
  page: limits.pageMax,
});
