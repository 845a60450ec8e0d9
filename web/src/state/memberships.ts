import { type Signal, signal } from '@preact/signals';
import type { StreamEvent } from '../../../src/client/frames.ts';
import { type MeState, meAfter, meState, meWithCircle } from '../../../src/client/me-state.ts';
import type { CircleEntry, User } from '../../../src/client/objects.ts';
import { CircleRoom, type CircleRoomDeps } from './circle-room.ts';
import { Following } from './following.ts';

/** The user, and their circles and direct conversations. */
export class Memberships {
  readonly circles = signal<ReadonlyMap<string, CircleRoom>>(new Map());
  readonly me: Signal<User>;
  /** Whether the list is loaded. */
  readonly isKnown = signal(false);
  readonly following: Following;
  readonly #deps: CircleRoomDeps;
  /** Circles that ended here, perhaps before the event on `me`. */
  readonly #ended = new Set<string>();
  #state: MeState | undefined;

  constructor(user: User, deps: CircleRoomDeps) {
    this.me = signal(user);
    this.#deps = deps;
    this.following = new Following('me', {
      client: deps.client,
      handlers: {
        reset: (reset) => this.#show(meState(reset)),
        event: (event) => this.#take(event),
      },
      onGone: () => undefined,
    });
  }

  /** Adds a circle just joined, before the event on `me`. */
  enter(circle: CircleEntry): void {
    this.#ended.delete(circle.id);
    this.#open([circle]);
  }

  #take(event: StreamEvent): void {
    if (!this.#state) return;
    if (event.k === 'circle-joined') this.#ended.delete(event.d.circle);
    this.#show(meAfter(this.#state, event));
    if (event.k === 'circle-joined') void this.#learn(event.d.circle);
    if (event.k === 'circle-left') this.#leave(event.d.circle, 'left');
  }

  #show(state: MeState): void {
    this.#state = state;
    this.me.value = state.user;
    this.#deps.people.learn([state.user]);
    this.#open(state.circles);
    this.isKnown.value = true;
  }

  async #learn(id: string): Promise<void> {
    const circle = await this.#deps.http.circle(id).catch(() => undefined);
    if (circle && this.#state) this.#show(meWithCircle(this.#state, circle));
  }

  #open(entries: readonly CircleEntry[]): void {
    const known = this.circles.peek();
    const fresh = entries.filter(({ id }) => !known.has(id) && !this.#ended.has(id));
    if (fresh.length === 0) return;
    const onGone = (circle: string, code: string) => this.#leave(circle, code);
    const rooms = fresh.map((entry) => new CircleRoom(entry, { ...this.#deps, onGone }));
    this.circles.value = new Map([...known, ...rooms.map((room) => [room.id, room] as const)]);
  }

  #leave(id: string, code: string): void {
    const room = this.circles.peek().get(id);
    if (!room) return;
    this.#ended.add(id);
    this.circles.value = new Map([...this.circles.peek()].filter(([key]) => key !== id));
    room.close();
    this.#deps.onGone(id, code);
  }
}
