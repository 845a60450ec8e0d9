import type { EventLog } from '../events/log.ts';
import { type Building, textOf } from '../projections/building/building.ts';
import type { Runner } from '../projections/runner/following.ts';
import { sleep } from '../runtime/timers.ts';
import type { ReadStore } from '../store/store.ts';
import type { AppendTrouble } from './append-trouble.ts';

const answerMsMax = 2000;

export type Dependencies = {
  readonly log: Pick<EventLog, 'head'>;
  readonly trouble: Pick<AppendTrouble, 'reason'>;
  readonly store: Pick<ReadStore, 'get'>;
  readonly runner: Pick<Runner, 'progress'>;
  /** The node that runs a partition, if any. */
  readonly membership: { ownerOf(partition: number): string | undefined };
  /** The progress of read models that cannot be read yet. */
  readonly building: () => Building | undefined;
};

const within = async (
  probe: Promise<unknown>,
  timeoutText: string,
): Promise<string | undefined> => {
  const late = sleep(answerMsMax, { ref: false }).then(() => timeoutText);
  return Promise.race([
    probe.then(
      () => undefined,
      () => timeoutText,
    ),
    late,
  ]);
};

/** Returns why the server is not ready, in one line; undefined if it is. */
export const readiness =
  ({ log, trouble, store, runner, membership, building }: Dependencies) =>
  async (): Promise<string | undefined> => {
    const full = trouble.reason();
    if (full !== undefined) return full;
    const stuck = runner.progress().find(({ error }) => error)?.error?.message;
    if (stuck !== undefined) return stuck;
    const unowned = runner
      .progress()
      .filter(({ partition }) => membership.ownerOf(partition) === undefined);
    if (unowned.length > 0) return `no node runs partition ${unowned[0]?.partition} yet`;
    const built = building();
    if (built && built.models.length > 0) return textOf(built);
    const answers = await Promise.all([
      within(log.head(0), 'the event log does not answer'),
      within(store.get('origins', 'readiness'), 'the read models do not answer'),
    ]);
    return answers.find((answer) => answer !== undefined);
  };
