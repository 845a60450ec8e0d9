import type { LoggedEvent } from '../events/commit.ts';
import { type EventKind, managersSee, shownIn } from '../events/kinds/kinds.ts';
import { reactionForm } from '../text/emoji.ts';

/** Who an event is encoded for: only those who may manage a circle see the codes of its invites. */
export type Audience = 'managers' | 'members';

/** Picks the named fields; returns the object itself if it has no others. */
const only = (d: object, isNamed: (name: string) => boolean): object =>
  Object.keys(d).every(isNamed)
    ? d
    : Object.fromEntries(Object.entries(d).filter(([name]) => isNamed(name)));

/** The data of an event for clients, without internal fields. */
const dataOf = ({ k, d }: LoggedEvent, audience: Audience): object => {
  const shown = shownIn(k as EventKind);
  const managers = managersSee(k as EventKind);
  const visible = only(
    d,
    (name) => shown.has(name) || (audience === 'managers' && managers.has(name)),
  );
  // Earlier versions logged emoji as received; messages and events have the qualified form.
  return 'emoji' in d ? { ...visible, emoji: reactionForm(d.emoji) } : visible;
};

export const hasManagerFields = ({ k }: LoggedEvent): boolean =>
  managersSee(k as EventKind).size > 0;

const texts: ReadonlySet<string> = new Set(['text', 'mentions']);

/** An event as JSON for an `events` frame. */
export const wireEvent = (n: number, event: LoggedEvent, audience: Audience): string =>
  wireText(n, event, dataOf(event, audience));

/** An event without its text, since the message was deleted (H4). */
export const wireGone = (n: number, event: LoggedEvent): string => {
  const rest = only(dataOf(event, 'members'), (name) => !texts.has(name));
  return wireText(n, event, { ...rest, gone: true });
};

const wireText = (n: number, event: LoggedEvent, d: object): string =>
  `{"n":${n},"at":${event.at},"by":${JSON.stringify(event.by)},"k":${JSON.stringify(event.k)},"d":${JSON.stringify(d)}}`;
