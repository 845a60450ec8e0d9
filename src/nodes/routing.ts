import type { Actors } from '../actors/actors.ts';
import { limits } from '../actors/limits.ts';
import { type ActorCall, type ActorsPort, aggregateOf, isRepeatable } from '../actors/port.ts';
import { type Bus, RequestFailure } from '../engine/nodes.ts';
import { partitionOf } from '../events/aggregate.ts';
import { LogUnavailable } from '../events/log.ts';
import { Deadline } from '../runtime/deadline.ts';
import {
  type CallArgs,
  type CallRequest,
  type CallResponse,
  calledAggregate,
  callHere,
  isUndecided,
  sendable,
  unansweredCall,
} from './calls.ts';
import { Lane, type Reply } from './lane.ts';
import type { Placement } from './placement.ts';

const service = 'calls';
/**
 * The time until a call is answered, whatever happens to the nodes, in ms: a little longer than a node takes to answer
 * that is alive, and less than the 5 s that clients are promised.
 */
const answerMsMax = limits.answerMs + 500;

export type RoutingOptions = {
  readonly me: string;
  readonly actors: Actors;
  readonly bus: Bus;
  readonly placement: Pick<Placement, 'isMine' | 'ownerOf'>;
  /** Whether a node has ended. */
  readonly hasEnded: (node: string) => boolean;
  readonly onError: (error: Error) => void;
  readonly partitions: number;
};

/** Who waits for an answer; `isOver`: not any more. */
type Caller = { readonly isOver: boolean };

/**
 * The actors of all nodes: each call is answered by the node that runs the partition. Calls to one partition arrive there
 * in the order in which they were made. What a node has not handled is sent to the next owner, for up to 5 s.
 */
export class Routing {
  readonly #options: RoutingOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #deadline = new Deadline(answerMsMax);
  /** The last round of each lane of another node of which a call was not handled here. */
  readonly #refused = new Map<string, number>();
  readonly #stopResponding: () => void;
  readonly port: ActorsPort;

  constructor(options: RoutingOptions) {
    this.#options = options;
    const { bus, me, actors } = options;
    const calls = Object.keys(aggregateOf) as ActorCall[];
    const routed = calls.map((call) => [call, (...args: CallArgs) => this.#call(call, args)]);
    this.port = {
      ...(Object.fromEntries(routed) as Pick<Actors, ActorCall>),
      everHad: (user, session) => actors.everHad(user, session),
    };
    this.#stopResponding = bus.respond({ node: me, service }, (request) =>
      this.#respond(request as CallRequest),
    );
  }

  /** Called when partitions may have other owners, or a node has ended. */
  placementChanged(): void {
    for (const lane of this.#lanes.values()) lane.ownerChanged();
    for (const lane of this.#refused.keys()) {
      if (this.#options.hasEnded(lane.slice(0, lane.indexOf(' ')))) this.#refused.delete(lane);
    }
  }

  /** Refuses the calls of other nodes from now on. */
  stop(): void {
    this.#stopResponding();
  }

  #call(call: ActorCall, args: CallArgs): Promise<unknown> {
    const caller = { isOver: false };
    return this.#deadline.within(this.#answer(call, args, caller), () => {
      caller.isOver = true;
      return unansweredCall(call);
    });
  }

  async #answer(call: ActorCall, args: CallArgs, caller: Caller): Promise<unknown> {
    const partition = this.#partitionOf(call, args);
    const lane = this.#lanes.get(partition);
    const isDirect = (lane === undefined || lane.isEmpty) && this.#isMine(partition);
    if (!isDirect) return this.#send(call, args, caller);
    const answer = await callHere(this.#options.actors, call, args);
    // It was replaced without knowing, and found out by this call.
    return isUndecided(answer) && !this.#isMine(partition) && isRepeatable(call, args)
      ? this.#send(call, args, caller)
      : answer;
  }

  #isMine(partition: number): boolean {
    return this.#options.placement.isMine(partition);
  }

  #partitionOf(call: ActorCall, args: CallArgs): number {
    return partitionOf(calledAggregate(call, args), this.#options.partitions);
  }

  #laneOf(partition: number): Lane {
    const known = this.#lanes.get(partition);
    if (known) return known;
    const { placement, hasEnded } = this.#options;
    const lane = new Lane({ current: () => placement.ownerOf(partition), hasEnded });
    this.#lanes.set(partition, lane);
    return lane;
  }

  #send(call: ActorCall, args: CallArgs, caller: Caller): Promise<unknown> {
    const lane = this.#laneOf(this.#partitionOf(call, args));
    const { me } = this.#options;
    return new Promise((resolve, reject) => {
      lane.add({
        isRepeatable: isRepeatable(call, args),
        send: (owner, round) => this.#sendTo(owner, { call, args, from: me, round }),
        resolve,
        reject,
        giveUp: () => resolve(unansweredCall(call)),
        get isOver() {
          return caller.isOver;
        },
      });
    });
  }

  async #sendTo(owner: string, request: CallRequest): Promise<Reply> {
    const { me, actors } = this.#options;
    const { call, args } = request;
    if (owner === me) {
      return callHere(actors, call, args).then(
        (answer): Reply => ({ state: 'answered', answer }),
        (error: Error): Reply => ({ state: 'failed', error }),
      );
    }
    try {
      const response = await this.#request(owner, { ...request, args: sendable(args) });
      if ('isElsewhere' in response) return { state: 'elsewhere' };
      if (!('error' in response)) return { state: 'answered', answer: response.answer };
      const { error, isPassing } = response;
      return { state: 'failed', error: isPassing ? new LogUnavailable(error) : new Error(error) };
    } catch (error) {
      const isAbsent = error instanceof RequestFailure && error.reason === 'absent';
      return { state: isAbsent ? 'elsewhere' : 'unknown' };
    }
  }

  async #request(owner: string, request: CallRequest): Promise<CallResponse> {
    const to = { node: owner, service };
    return (await this.#options.bus.request(to, request, answerMsMax)) as CallResponse;
  }

  /** Answers the call of another node. It is made synchronously, so that calls are decided in their order. */
  async #respond({ call, args, from, round }: CallRequest): Promise<CallResponse> {
    if (!(call in aggregateOf)) {
      return { error: `this version of Oshi does not know ${call}`, isPassing: false };
    }
    const partition = this.#partitionOf(call, args);
    const lane = `${from} ${partition}`;
    if (!this.#isMine(partition)) this.#refused.set(lane, round);
    if (round <= (this.#refused.get(lane) ?? 0)) return { isElsewhere: true };
    try {
      return { answer: await callHere(this.#options.actors, call, args) };
    } catch (error) {
      const { message } = error as Error;
      const isPassing = error instanceof LogUnavailable;
      if (!isPassing) this.#options.onError(new Error(`${call} failed`, { cause: error }));
      return { error: message, isPassing };
    }
  }
}
