import { createAccounts } from '../actors/accounts.ts';
import { type Administration, createAdministration } from '../app/administration/administration.ts';
import { argonHasher } from '../app/sessions/passwords.ts';
import { acquiring } from '../runtime/resources.ts';
import { openActors } from './core.ts';
import { openModels, type StartOptions } from './models.ts';

/** The administration of a stopped server, without the server. Rejects with one line if another process uses the data. */
export const openAdministration = (
  options: StartOptions,
): Promise<Administration & { close(): Promise<void> }> =>
  acquiring(async (resources) => {
    const core = await openActors(
      await openModels({ ...options, isBrief: true }, resources),
      options,
      resources,
    );
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
