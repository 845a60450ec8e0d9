import type { CircleId, UserId } from '../../events/ids.ts';
import type { Hub } from '../hub.ts';
import type { EntryChange, OtherNodes } from './other-nodes.ts';
import { mostActive, type Presence } from './presence.ts';
import type { Person, Roster, Status } from './roster.ts';

export type ExchangeOptions = {
  readonly roster: Roster;
  readonly presence: Presence;
  readonly hub: Pick<Hub, 'received'>;
  readonly partitions: number;
  readonly nodes: Pick<OtherNodes, 'replicate'>;
};

/** The status of a user on a node. */
type StatusEntry = { readonly status: Status };

/** The circles of a user who is connected to a node. */
type CirclesEntry = {
  /** Each of them, and where in the log the user has joined it. */
  readonly joined: readonly (readonly [CircleId, number])[];
  /** Up to where the node has received each partition. */
  readonly received: readonly number[];
};

/** How many users' circles are looked up at once. */
const lookUpsMax = 100;

/**
 * Tells the other nodes of the users who are connected to this one, and adds theirs to the roster. A node looks up the
 * circles of its own users only. The others apply the events that they receive themselves, so a removed member is
 * shown on no node afterwards, in whatever order reports and events arrive.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  #tellStatus: (user: UserId) => void = () => undefined;
  #tellCircles: (user: UserId) => void = () => undefined;
  /** From where this node has received each partition. */
  #start: readonly number[] = [];
  /** Users of other nodes whose circles this node has to look up itself. */
  readonly #unknown = new Set<Person>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Call it when the hub receives the log, and before there are connections. */
  start(): void {
    const { nodes, roster } = this.#options;
    this.#start = this.#received();
    const keys = () => roster.users();
    this.#tellStatus = nodes.replicate<StatusEntry>('status', {
      keys,
      value: (user) => this.#statusOf(user as UserId),
      onChange: (change) => this.#receiveStatus(change),
    });
    // Added later: the circles of a user arrive when the user is known.
    this.#tellCircles = nodes.replicate<CirclesEntry>('circles', {
      keys,
      value: (user) => this.#circlesOf(user as UserId),
      onChange: (change) => this.#receiveCircles(change),
    });
  }

  /** The status of one of a user's connections has changed. */
  statusChanged({ user }: Person): void {
    this.#tellStatus(user);
  }

  /** A user has one connection more or less. */
  connectionsChanged({ user, connections }: Person): void {
    this.#tellStatus(user);
    // The others forget the circles of a user who is not connected.
    if (connections.size <= 1) this.#tellCircles(user);
  }

  /** The circles of a user are known, or one more is: another node may have received that before it knew the user. */
  circlesChanged(user: UserId): void {
    const person = this.#options.roster.person(user);
    if (person && person.connections.size > 0) this.#tellCircles(user);
  }

  #statusOf(user: UserId): StatusEntry | undefined {
    const status = mostActive(this.#options.roster.person(user)?.connections.values() ?? []);
    return status && { status };
  }

  #circlesOf(user: UserId): CirclesEntry | undefined {
    const person = this.#options.roster.person(user);
    if (!person?.isKnown || person.connections.size === 0) return undefined;
    return { joined: [...person.circles], received: this.#received() };
  }

  #received(): readonly number[] {
    const { hub, partitions } = this.#options;
    return Array.from({ length: partitions }, (_, partition) => hub.received(partition));
  }

  #receiveStatus({ node, key, value }: EntryChange<StatusEntry>): void {
    const { roster, presence } = this.#options;
    const user = key as UserId;
    const person = value
      ? roster.connectElsewhere(user, node, value.status === 'idle' ? 'idle' : 'online')
      : roster.disconnectElsewhere(user, node);
    if (person) presence.changed(person);
  }

  /** Looks up circles that another node has reported too early; what fails is retried the next time. */
  tick(): void {
    let count = 0;
    for (const person of this.#unknown) {
      if (person.isKnown || !person.isElsewhere) this.#unknown.delete(person);
      else if (count++ < lookUpsMax) void this.#options.roster.know(person);
    }
  }

  #receiveCircles({ key, value }: EntryChange<CirclesEntry>): void {
    const { roster } = this.#options;
    const person = roster.person(key as UserId);
    if (!(person && value)) return;
    const { joined, received } = value;
    if (this.#start.some((seq, partition) => (received[partition] ?? 0) < seq)) {
      // This node has not received what has happened since.
      this.#unknown.add(person);
      return;
    }
    roster.learn(
      person,
      joined.map(([circle, joinedSeq]) => ({ circle, joinedSeq })),
    );
  }
}
