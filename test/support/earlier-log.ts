import { configOf } from '../../src/config.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../src/events/commit.ts';
import { type DataOf, type EventKind, event } from '../../src/events/kinds/kinds.ts';
import { commitAfter } from './log-fixtures.ts';
import type { Environment } from './server-process.ts';

/** What somebody did, as an earlier version left it in the log. */
export const earlier = <K extends EventKind>(by: string, k: K, d: DataOf<K>): LoggedEvent =>
  ({ ...event(k, d), at: 1_700_000_000_000, by }) as LoggedEvent;

/** Appends to a log of which no server runs what this version would refuse, each event as a commit of its own. */
export const appendEarlier = async (
  env: Environment,
  aggregate: Aggregate,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const engine = await openEngine(configOf(env), { onError: () => {}, onWarning: () => {} });
  for (const each of events) {
    const tail = await engine.log.tail(aggregate);
    await engine.log.append(aggregate, commitAfter(tail, [each]), tail);
  }
  await engine.close();
};
