import type { DataOf, EventIn } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';

/** The commands of a circle. Every field has been validated where the command entered. */
export type CircleCommand = Stamp &
  (
    | {
        readonly op: 'create-circle';
        readonly id: string;
        readonly name: string;
        readonly visibility: 'public' | 'private';
        readonly about?: string;
        /** How many circles the user is in, according to the read models. */
        readonly joined: number;
      }
    | ({ readonly op: 'update-circle'; readonly id: string } & DataOf<'circle-updated'>)
    | { readonly op: 'delete-circle'; readonly id: string }
    | {
        readonly op: 'join-circle';
        readonly circle: string;
        readonly invite?: string;
        /** How many circles the user is in, according to the read models. */
        readonly joined: number;
      }
    | { readonly op: 'leave-circle'; readonly circle: string }
    /** `id`: that of the direct conversation of `by` and `user`, who both have accounts. */
    | { readonly op: 'open-direct'; readonly id: string; readonly user: string }
    | ({ readonly op: 'set-member-data'; readonly circle: string } & Omit<
        DataOf<'member-data-changed'>,
        'user'
      >)
    | {
        readonly op: 'remove-member';
        readonly circle: string;
        readonly user: string;
        /** Whether the read models have ever had the user in the circle. */
        readonly known: boolean;
      }
    | {
        readonly op: 'create-invite';
        readonly circle: string;
        readonly code: string;
        /** In ms; 0: it does not expire. */
        readonly expiresIn: number;
        /** 0: unlimited. */
        readonly maxUses: number;
      }
    | {
        readonly op: 'revoke-invite';
        readonly circle: string;
        readonly code: string;
        /** What the read models know of it: it is listed, it was revoked, or nothing. */
        readonly known: 'listed' | 'revoked' | undefined;
      }
    | ({ readonly op: 'create-stream'; readonly circle: string } & DataOf<'stream-created'>)
    | ({
        readonly op: 'update-stream';
        readonly circle: string;
        readonly archived?: boolean;
      } & DataOf<'stream-updated'>)
    | { readonly op: 'delete-stream'; readonly circle: string; readonly id: string }
  );

export type CircleCommandOf<Op extends CircleCommand['op']> = Extract<CircleCommand, { op: Op }>;

export type CircleDecision = Decision<EventIn<'circle'>>;
