import { createAccounts } from '../actors/accounts.ts';
import { type Administration, createAdministration } from '../app/administration/administration.ts';
import { argonHasher } from '../app/sessions/passwords.ts';
import { acquiring } from '../runtime/resources.ts';
import { sleep } from '../runtime/timers.ts';
import { type Core, openActors } from './core.ts';
import { openModels, type StartOptions } from './models.ts';

/** The administration of a stopped server, without the server. Rejects with one line if another process uses the data. */
export const openAdministration = (
  options: StartOptions,
): Promise<Administration & { close(): Promise<void> }> =>
  acquiring(async (resources) => {
    const core = await openActors(await openModels(options, resources), options, resources);
    await placed(core);
    const accounts = createAccounts({
      actors: core.actors,
      vault: core.engine.vault,
      hasher: argonHasher(true),
      leastUsed: async () => undefined,
    });
    const administration = createAdministration({
      ...core,
      accounts,
      onSessionClosed: () => undefined,
    });
    return { ...administration, close: () => resources.release() };
  });

/** How long a node that has crashed may delay it, in ms: it counts as dead after 5 s. */
const placedMsMax = 8000;
const lookEveryMs = 50;

/** Resolves when every partition has a node, or in the end without. */
const placed = async ({ membership, partitions, monotonic }: Core): Promise<void> => {
  const until = monotonic() + placedMsMax;
  const isPlaced = (): boolean =>
    Array.from({ length: partitions }, (_, at) => membership.ownerOf(at)).every(Boolean);
  while (!isPlaced() && monotonic() < until) await sleep(lookEveryMs);
};
