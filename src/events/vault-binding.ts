import type { Vault } from './vault.ts';

/** The key of the incarnation of the log that a vault belongs to. */
export const logInVault = 'log';

/**
 * Checks that a vault belongs to a log, and binds one that is not bound yet. Rejects with one line if it belongs to
 * another log, since the passwords would be those of other users. `what` names the vault, `remedy` tells what to do.
 */
export const bindVault = async (
  vault: Vault,
  incarnation: string,
  { what, remedy }: { readonly what: string; readonly remedy: string },
): Promise<void> => {
  const bound = await vault.get(logInVault);
  if (bound === undefined) await vault.put(logInVault, incarnation);
  else if (bound !== incarnation) {
    throw new Error(
      `${what} belongs to another log (${bound}) than this one (${incarnation}). ${remedy}`,
    );
  }
};
