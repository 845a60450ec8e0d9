import type { DataOf, EventIn } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';

/** A session to open. `token`: SHA-256 of its token, base64url. */
export type NewSession = {
  readonly id: string;
  readonly token: string;
  readonly userAgent?: string;
};

export type UserCommand = Stamp &
  (
    | {
        readonly op: 'register';
        readonly username: string;
        readonly displayName?: string;
        readonly session: NewSession;
      }
    /**
     * `secret`: the hash that the password was compared with. `ends`: the session that ends if there are too many;
     * the oldest if not known.
     */
    | {
        readonly op: 'open-session';
        readonly session: NewSession;
        readonly ends?: string;
        readonly secret: string | undefined;
      }
    | { readonly op: 'close-session'; readonly id: string }
    /** Ends all sessions but the requesting one. */
    | { readonly op: 'close-others'; readonly session: string }
    /**
     * Makes another hash in the vault valid and ends all sessions but the requesting one. `was`: the hash that the
     * old password was compared with.
     */
    | {
        readonly op: 'change-password';
        readonly session: string;
        readonly was: string | undefined;
        readonly secret: string;
      }
    /** Makes another hash valid and ends all sessions, whatever the password was. */
    | { readonly op: 'reset-password'; readonly secret: string }
    /** Ends all sessions; none can be opened until the account is resumed. */
    | { readonly op: 'suspend'; readonly reason?: string }
    | { readonly op: 'resume' }
    /** Undoes a registration. */
    | { readonly op: 'withdraw' }
    /** Ends one session, or all of them. */
    | { readonly op: 'end-sessions'; readonly id?: string }
    /** Each given field is replaced; null removes it. */
    | ({ readonly op: 'update-profile' } & DataOf<'profile-updated'>)
    /** From a reaction: the circle's event of number `n` made the user a member, or ended the membership. */
    | {
        readonly op: 'note-circle';
        readonly circle: string;
        readonly n: number;
        readonly joined: boolean;
      }
  );

export type UserCommandOf<Op extends UserCommand['op']> = Extract<UserCommand, { op: Op }>;

export type UserDecision = Decision<EventIn<'user'>>;
