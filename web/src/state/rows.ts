import type { Message } from '../../../src/client/objects.ts';
import { dayOf } from './labels.ts';
import type { Outgoing } from './outbox.ts';

/** What stands in a conversation, from top to bottom. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: 'new' }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** Whether it stands below one of the same person without a head of its own. */
      readonly isFollowing: boolean;
    };

/** Messages of one person closer than this stand together, in ms. */
const togetherMs = 5 * 60_000;

const follows = (before: Message | undefined, message: Message): boolean =>
  before !== undefined &&
  before.by === message.by &&
  !before.deleted === !message.deleted &&
  message.replyTo === undefined &&
  message.at - before.at < togetherMs;

/** Whether a message that is on its way will stand below the one above it without a head of its own. */
export const followsOwn = (
  above: Outgoing | Message | undefined,
  message: Outgoing,
  me: string,
): boolean => {
  if (!above || message.replyTo !== undefined) return false;
  const isOwn = !('by' in above) || (above.by === me && !above.deleted);
  return isOwn && message.at - above.at < togetherMs && dayOf(above.at) === dayOf(message.at);
};

/** The messages with a line where a day begins, and one above the first that is `newAfter` or later. */
export const rowsOf = (messages: readonly Message[], newAfter: number | undefined): Row[] => {
  const rows: Row[] = [];
  let before: Message | undefined;
  let isNewShown = newAfter === undefined || (messages[0]?.m ?? 0) > newAfter + 1;
  for (const message of messages) {
    if (!before || dayOf(before.at) !== dayOf(message.at)) {
      rows.push({ kind: 'day', key: `day ${message.m}`, at: message.at });
      before = undefined;
    }
    if (!isNewShown && message.m > (newAfter ?? 0)) {
      rows.push({ kind: 'new', key: 'new' });
      isNewShown = true;
      before = undefined;
    }
    const isFollowing = follows(before, message);
    rows.push({ kind: 'message', key: message.id, message, isFollowing });
    before = message;
  }
  return rows;
};
