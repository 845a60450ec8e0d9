import {
  type Aggregate,
  circleAggregate,
  nameAggregate,
  userAggregate,
} from '../events/aggregate.ts';
import type { CircleId } from '../events/ids.ts';
import type { Actors } from './actors.ts';
import type { CircleCommand } from './circle/commands.ts';
import type { NameCommand } from './name/rules.ts';
import type { StreamCommand } from './stream/commands.ts';
import type { UserCommand } from './user/commands.ts';

/** A command or a query that one actor answers. Arguments and answers are JSON, so that they can cross processes. */
export type ActorCall =
  | 'askCircle'
  | 'askStream'
  | 'accessOf'
  | 'newestMessage'
  | 'askUser'
  | 'askName'
  | 'holderOf'
  | 'isRegistered'
  | 'profileOf'
  | 'sessionOf'
  | 'sessionsOf'
  | 'secretOf';

/** The actors as the application reaches them, on whichever node they run. */
export type ActorsPort = Pick<Actors, ActorCall | 'everHad'>;

/** The aggregate whose actor answers a call. */
export const aggregateOf: {
  readonly [Call in ActorCall]: (...args: Parameters<Actors[Call]>) => Aggregate;
} = {
  askCircle: (circle) => circleAggregate(circle),
  askStream: ({ circle }) => circleAggregate(circle as CircleId),
  accessOf: (_user, circle) => circleAggregate(circle),
  newestMessage: (circle) => circleAggregate(circle),
  askUser: (user) => userAggregate(user),
  askName: (folded) => nameAggregate(folded),
  holderOf: (folded) => nameAggregate(folded),
  isRegistered: (user) => userAggregate(user),
  profileOf: (user) => userAggregate(user),
  sessionOf: (user) => userAggregate(user),
  sessionsOf: (user) => userAggregate(user),
  secretOf: (user) => userAggregate(user),
};

/** The calls that may record events; the others only read. */
const commandCalls = ['askCircle', 'askStream', 'askUser', 'askName'] as const;
type CommandCall = (typeof commandCalls)[number];

export const isCommandCall = (call: ActorCall): call is CommandCall =>
  (commandCalls as readonly ActorCall[]).includes(call);

/** Commands that find what they ask for when they are repeated, by an id or in the state, without a key. */
const repeatableOps: ReadonlySet<string> = new Set<AnyCommand['op']>([
  'create-circle',
  'create-stream',
  'create-invite',
  'delete-circle',
  'delete-stream',
  'join-circle',
  'leave-circle',
  'remove-member',
  'open-direct',
  'open-stream',
  'post-message',
  'delete-message',
  'react',
  'unreact',
  'pin',
  'unpin',
  'note-circle',
  'register',
  'open-session',
  'close-session',
  'close-others',
  'end-sessions',
  'suspend',
  'resume',
  'withdraw',
  'update-profile',
  'claim-name',
  'release-name',
]);

type AnyCommand = CircleCommand | StreamCommand | UserCommand | NameCommand;

/** Whether a call has the same effect and answer if it is made again, so that one with a lost answer can be. */
export const isRepeatable = (call: ActorCall, args: readonly unknown[]): boolean => {
  if (!isCommandCall(call)) return true;
  const { key, op } = args.at(-1) as AnyCommand;
  return key !== undefined || repeatableOps.has(op);
};
