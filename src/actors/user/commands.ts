import type { EventIn } from '../../events/kinds.ts';
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
    | { readonly op: 'open-session'; readonly session: NewSession }
    | { readonly op: 'close-session'; readonly id: string }
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
