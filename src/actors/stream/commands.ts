import type { EventIn } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';
import type { MessageFacts } from './message-facts.ts';

/** The commands of a stream. Every field has been validated where the command entered. */
export type StreamCommand = Stamp & {
  readonly circle: string;
  readonly stream: string;
  readonly past?: Past;
} & (
    | { readonly op: 'open-stream' }
    | {
        readonly op: 'post-message';
        readonly id: string;
        readonly text: string;
        readonly replyTo?: string;
        readonly named: Named;
      }
    | {
        readonly op: 'edit-message';
        readonly id: string;
        readonly text: string;
        readonly named: Named;
      }
    | { readonly op: 'delete-message'; readonly id: string }
    | { readonly op: 'react' | 'unreact'; readonly id: string; readonly emoji: string }
    | { readonly op: 'pin' | 'unpin'; readonly id: string }
  );

/** The users whom each name in a text may mean, the best match first: the first member is mentioned. */
export type Named = readonly (readonly string[])[];

/** What the stream's state has dropped, looked up before the decision. */
export type Past = {
  /** The position up to which it is taken into account. */
  readonly seq: number;
  readonly messages: ReadonlyMap<string, MessageFacts>;
  /** The existing reactions, by `reactionKey`, of the requested users and messages. */
  readonly reactions: ReadonlySet<string>;
};

export type StreamCommandOf<Op extends StreamCommand['op']> = Extract<StreamCommand, { op: Op }>;

export type StreamDecision = Decision<EventIn<'stream'>>;

export type Posted = { readonly id: string } & Pick<MessageFacts, 'n' | 'm' | 'at'>;
