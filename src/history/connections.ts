import { connectionAggregate } from '../events/aggregate.ts';
import type { UserId } from '../events/ids.ts';
import type { EventLog } from '../events/log.ts';

/** Over which connection something was asked for, and when. */
export type ConnectionUse = { readonly user: string; readonly conn: string; readonly at: number };

/** What is still known of a connection at a time. */
export type ConnectionFacts = {
  readonly session: string;
  readonly address?: string;
  readonly userAgent?: string;
};

export type Connections = {
  /** What is known of the connections at the times when they were used, in the same order. */
  of(uses: readonly ConnectionUse[]): Promise<(ConnectionFacts | undefined)[]>;
};

type Change = ConnectionFacts & { readonly at: number };

/** What connections of one user have said of themselves, oldest first. */
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
      const { id: _, ...said } = d;
      changes.set(d.id, [...known, { ...known.at(-1), ...said, at }]);
    }
  }
  return changes;
};

/** Looks up connections in their log, which forgets them after a while. */
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
