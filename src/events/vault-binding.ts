import type { Vault } from './vault.ts';

const logInVault = 'log';

/**
 * Makes sure that a vault belongs to a log, and binds one that says nothing yet. Rejects with one line if it belongs to
 * another: the passwords would be those of other people. `what` names the vault, `remedy` says what to do.
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
