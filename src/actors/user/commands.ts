import type { DataOf, EventIn } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';

/** A session to be opened. `token`: SHA-256 of its token, base64url. */
export type NewSession = {
  readonly id: string;
  readonly token: string;
  readonly userAgent?: string;
};

/** What may be asked of a user. */
export type UserCommand = Stamp &
  (
    | {
        readonly op: 'register';
        readonly username: string;
        readonly displayName?: string;
        readonly session: NewSession;
      }
    /**
     * `secret`: which hash the password was compared with. `ends`: which session ends if there are too many; the oldest
     * if that is not known.
     */
    | {
        readonly op: 'open-session';
        readonly session: NewSession;
        readonly ends?: string;
        readonly secret: string | undefined;
      }
    | { readonly op: 'close-session'; readonly id: string }
    /** Ends all sessions but one, by which this is asked. */
    | { readonly op: 'close-others'; readonly session: string }
    /**
     * Makes another hash in the vault count and ends all sessions but the one by which this is asked. `was`:
     * which hash the old password was compared with.
     */
    | {
        readonly op: 'change-password';
        readonly session: string;
        readonly was: string | undefined;
        readonly secret: string;
      }
    /** Each field that is named is replaced; null removes it. */
    | ({ readonly op: 'update-profile' } & DataOf<'profile-updated'>)
    /** From a reaction: the circle's event of number `n` made the user a member, or no member any more. */
    | {
        readonly op: 'note-circle';
        readonly circle: string;
        readonly n: number;
        readonly joined: boolean;
      }
  );

export type UserCommandOf<Op extends UserCommand['op']> = Extract<UserCommand, { op: Op }>;

/** What the rules of a user say to a command. */
export type UserDecision = Decision<EventIn<'user'>>;
