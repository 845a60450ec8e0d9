import type { LoggedEvent } from '../../events/commit.ts';
import type { EventKind } from '../../events/kinds.ts';
import { reactionForm } from '../../text/emoji.ts';
import { guarded, hidden, without } from './wire-fields.ts';

/** Who an event is told to: those who may manage a circle see the codes of its invites. */
export type Audience = 'managers' | 'members';

/** The data of an event as clients see it: what the log keeps for itself stays out. */
const dataOf = ({ k, d }: LoggedEvent, audience: Audience): object => {
  const kind = k as EventKind;
  const known = without(d, hidden[kind]);
  // The log of an earlier version may have it in another form than the message that it changes is told with.
  const shown = 'emoji' in d ? { ...known, emoji: reactionForm(d.emoji) } : known;
  return audience === 'managers' ? shown : without(shown, guarded[kind]);
};

/** Whether managers and others are told different things. */
export const isGuarded = ({ k }: LoggedEvent): boolean => Object.hasOwn(guarded, k);

/** An event as JSON, as it stands in an `events` frame. */
export const wireEvent = (n: number, event: LoggedEvent, audience: Audience): string =>
  wireText(n, event, dataOf(event, audience));

/** An event that carries the text of a message that was deleted since, without it (H4). */
export const wireGone = (n: number, event: LoggedEvent): string =>
  wireText(n, event, { ...without(dataOf(event, 'members'), ['text', 'mentions']), gone: true });

const wireText = (n: number, event: LoggedEvent, d: object): string =>
  `{"n":${n},"at":${event.at},"by":${JSON.stringify(event.by)},"k":${JSON.stringify(event.k)},"d":${JSON.stringify(d)}}`;
