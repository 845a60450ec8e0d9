import type { UserId } from '../../events/ids.ts';
import { fold } from '../../text/fold.ts';
import { isRefusal, type Refusal } from '../decision.ts';
import { limits } from '../limits.ts';
import type { ActorsPort } from '../port.ts';
import { skeletonKeyOf } from './skeleton.ts';

/** The username of an account that is about to be opened. */
export type Claim = { readonly user: UserId; readonly username: string; readonly at: number };

/** Claims usernames for accounts that are about to be opened. */
export const createClaims = (actors: ActorsPort) => {
  /** Claims one key. A claim that a crash left without an account is released after a minute. */
  const claimKey = async (key: string, { user, at }: Claim): Promise<Refusal | undefined> => {
    const claimed = await actors.askName(key, { op: 'claim-name', by: user, at });
    if (!isRefusal(claimed)) return undefined;
    const holder = await actors.holderOf(key);
    if (claimed.refused !== 'username-taken' || !holder) return claimed;
    const owner = holder.user as UserId;
    if (at - holder.at < limits.claimMs || (await actors.isRegistered(owner))) return claimed;
    await actors.askName(key, { op: 'release-name', by: user, at, user: owner });
    const again = await actors.askName(key, { op: 'claim-name', by: user, at });
    return isRefusal(again) ? again : undefined;
  };

  const release = (key: string, { user, at }: Claim): Promise<unknown> =>
    actors.askName(key, { op: 'release-name', by: user, at, user });

  return {
    /** Releases the claims of an account that is not opened after all. */
    async release(claim: Claim): Promise<void> {
      await release(fold(claim.username), claim);
      await release(skeletonKeyOf(claim.username), claim);
    },

    /**
     * Claims the skeleton of a username and then the name, or neither: always in this order, so that one of several
     * concurrent claimants gets both. `username-taken`: another account has the name, or one that looks alike.
     */
    async claim(claim: Claim): Promise<Refusal | undefined> {
      const { username } = claim;
      const look = skeletonKeyOf(username);
      const refused = (await claimKey(look, claim)) ?? (await claimKey(fold(username), claim));
      if (refused) await release(look, claim);
      return refused;
    },
  };
};
