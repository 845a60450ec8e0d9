import type { Actors } from '../actors/actors.ts';
import { isRefusal, refusedForNow } from '../actors/decision.ts';
import { type ActorCall, aggregateOf, isCommandCall } from '../actors/port.ts';
import type { Aggregate } from '../events/aggregate.ts';
import { LogUnavailable } from '../events/log.ts';

/** The arguments of a call; they and the answer are JSON. */
export type CallArgs = readonly unknown[];

type Called = (...args: CallArgs) => Promise<unknown>;

/** The aggregate whose actor answers a call. */
export const calledAggregate = (call: ActorCall, args: CallArgs): Aggregate =>
  (aggregateOf[call] as (...args: CallArgs) => Aggregate)(...args);

/** Makes a call on the actors of this node. */
export const callHere = (
  actors: Pick<Actors, ActorCall>,
  call: ActorCall,
  args: CallArgs,
): Promise<unknown> => (actors[call] as unknown as Called).apply(actors, [...args]);

/** Whether an answer says that the actor could not decide, perhaps because it runs elsewhere by now. */
export const isUndecided = (answer: unknown): boolean =>
  typeof answer === 'object' &&
  answer !== null &&
  isRefusal(answer) &&
  answer.refused === 'unavailable';

/** The answer to a call whose outcome is not known: a command is `unavailable`, a query rejects. */
export const unansweredCall = (call: ActorCall): Promise<unknown> =>
  isCommandCall(call)
    ? Promise.resolve(refusedForNow)
    : Promise.reject(new LogUnavailable('the node that runs this partition did not answer'));

/** A request to another node. */
export type CallRequest = {
  readonly call: ActorCall;
  readonly args: CallArgs;
  /** The node that sends it, and the round of its lane. */
  readonly from: string;
  readonly round: number;
};

/** Arguments as JSON keeps them: one that is undefined would become null, and ones at the end are optional. */
export const sendable = (args: CallArgs): CallArgs =>
  args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);

/** The answer of another node. `isElsewhere`: it does not run the partition, and has done nothing. */
export type CallResponse =
  | { readonly answer?: unknown }
  | { readonly isElsewhere: true }
  /** `isPassing`: it may be repeated. Otherwise it is a fault, which that node has reported. */
  | { readonly error: string; readonly isPassing: boolean };
