import type { Message } from '../../../src/client/objects.ts';
import { dayOf } from './labels.ts';
import type { Outgoing } from './outbox.ts';

/** A row of a conversation. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: 'new' }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** Whether it follows one of the same author without its own header. */
      readonly isFollowing: boolean;
    };

/** Messages of one author within this time are grouped, in ms. */
const togetherMs = 5 * 60_000;

const follows = (before: Message | undefined, message: Message): boolean =>
  before !== undefined &&
  before.by === message.by &&
  !before.deleted === !message.deleted &&
  message.replyTo === undefined &&
  message.at - before.at < togetherMs;

/** Whether an outgoing message follows the one above it without its own header. */
export const followsOwn = (
  above: Outgoing | Message | undefined,
  message: Outgoing,
  me: string,
): boolean => {
  if (!above || message.replyTo !== undefined) return false;
  const isOwn = !('by' in above) || (above.by === me && !above.deleted);
  return isOwn && message.at - above.at < togetherMs && dayOf(above.at) === dayOf(message.at);
};

/** The messages with day separators, and a divider above the first one after `newAfter`. */
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
