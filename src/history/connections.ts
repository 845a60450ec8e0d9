import { connectionAggregate } from '../events/aggregate.ts';
import type { UserId } from '../events/ids.ts';
import type { EventLog } from '../events/log.ts';

/** A use of a connection: by whom and when. */
export type ConnectionUse = { readonly user: string; readonly conn: string; readonly at: number };

/** What is still known of a connection at the time of its use. */
export type ConnectionFacts = {
  readonly session: string;
  readonly address?: string;
  readonly userAgent?: string;
};

export type Connections = {
  /** Looks up the connections at the times of their use, in the same order. */
  of(uses: readonly ConnectionUse[]): Promise<(ConnectionFacts | undefined)[]>;
};

type Change = ConnectionFacts & { readonly at: number };

/** The recorded changes of one user's connections, oldest first. */
const changesOf = async (
  log: Pick<EventLog, 'read'>,
  user: string,
  wanted: ReadonlySet<string>,
): Promise<Map<string, Change[]>> => {
  const changes = new Map<string, Change[]>();
  for await (const { commit } of log.read(connectionAggregate(user as UserId))) {
    for (const { k, d, at } of commit.events) {
      if (k !== 'connection-opened' && k !== 'connection-renewed') continue;
      if (!wanted.has(d.id)) continue;
      const known = changes.get(d.id) ?? [];
      const { id: _, ...facts } = d;
      changes.set(d.id, [...known, { ...known.at(-1), ...facts, at }]);
    }
  }
  return changes;
};

/** Looks up connections in their log, whose retention is limited. */
export const createConnections = (log: Pick<EventLog, 'read'>): Connections => ({
  async of(uses) {
    const wanted = new Set(uses.map(({ conn }) => conn));
    const known = new Map<string, Map<string, Change[]>>();
    for (const user of new Set(uses.map(({ user }) => user))) {
      known.set(user, await changesOf(log, user, wanted));
    }
    return uses.map(({ user, conn, at }) => {
      const changes = known.get(user)?.get(conn);
      const then = changes?.findLast((change) => change.at <= at) ?? changes?.[0];
      if (!then) return undefined;
      const { at: _, ...facts } = then;
      return facts;
    });
  },
});
