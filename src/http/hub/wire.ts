import type { LoggedEvent } from '../../events/commit.ts';

/** Who an event is told to: those who may manage a circle see the codes of its invites. */
export type Audience = 'managers' | 'members';

/** The data of an event as clients see it: what the log keeps for itself stays out. */
const dataOf = (event: LoggedEvent, audience: Audience): object => {
  switch (event.k) {
    case 'session-opened':
      return { id: event.d.id };
    case 'circle-joined':
    case 'circle-left':
      return { circle: event.d.circle };
    case 'invite-created':
    case 'invite-revoked': {
      const { code: _, ...rest } = event.d;
      return audience === 'managers' ? event.d : rest;
    }
    case 'member-joined':
      return audience === 'managers' ? event.d : { user: event.d.user };
    default:
      return event.d;
  }
};

/** Whether managers and others are told different things. */
export const isGuarded = ({ k }: LoggedEvent): boolean =>
  k === 'invite-created' || k === 'invite-revoked' || k === 'member-joined';

/** An event as JSON, as it stands in an `events` frame. */
export const wireEvent = (n: number, event: LoggedEvent, audience: Audience): string =>
  `{"n":${n},"at":${event.at},"by":${JSON.stringify(event.by)},"k":${JSON.stringify(event.k)},"d":${JSON.stringify(dataOf(event, audience))}}`;
