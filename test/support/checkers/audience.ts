import type { StreamEvent } from '../../../src/client/frames.ts';
import { type PluggedClient, pluggedClient } from '../doubles/plugged-client.ts';
import type { Person } from '../fixtures/server-people.ts';
import type { Doings } from '../generators/crowd.ts';
import { beginning, type FoldedStream, goOn } from './folded-stream.ts';
import { RawFollower } from './raw-follower.ts';

/** Somebody who listens by the project's client from when they came, and what they know. */
export type Listener = {
  readonly s: string;
  readonly events: StreamEvent[];
  state: FoldedStream | undefined;
};

/** How many messages a listener begins with. */
export const newest = 200;

/** Everybody who listens for good and can be cut off. */
export class Audience {
  readonly followers: RawFollower[] = [];
  readonly listeners: Listener[] = [];
  readonly #clients: PluggedClient[] = [];
  readonly #passing: RawFollower[] = [];
  readonly #doings: Doings;

  constructor(doings: Doings) {
    this.#doings = doings;
  }

  client({ token }: Person): PluggedClient {
    const plugged = pluggedClient(this.#doings.url, token);
    this.#clients.push(plugged);
    return plugged;
  }

  follow(person: Person, s: string): void {
    this.followers.push(new RawFollower({ url: this.#doings.url, person, s }));
  }

  /** Cuts this one off too, now and then; whoever made it looks after it. */
  readonly include = (follower: RawFollower): void => {
    this.#passing.push(follower);
  };

  /** Listens by a client; from a `reset` on it folds what it hears, as an application would. */
  listen({ client }: PluggedClient, s: string): void {
    const { faults } = this.#doings;
    const listener: Listener = { s, events: [], state: undefined };
    this.listeners.push(listener);
    client.subscribe(
      s,
      { last: newest },
      {
        reset: (reset) => {
          if (listener.state) faults.push(`a reset ${reset.why} of ${s} at ${reset.n}`);
          listener.state = beginning(reset);
        },
        event: (event) => {
          listener.events.push(event);
          if (listener.state) listener.state = goOn(listener.state, event);
        },
        end: (code) => {
          if (code !== 'closed') faults.push(`${s} ended by ${code}`);
        },
      },
    );
  }

  /** Pulls somebody's plug. */
  cut(): void {
    const { chance } = this.#doings;
    chance.pick([...this.#clients, ...this.followers, ...this.#passing.slice(-4)]).cut();
  }

  close(): void {
    for (const { client } of this.#clients) client.close();
    for (const follower of this.followers) follower.stop();
  }
}
