import type { EventIn } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';
import type { MessageFacts } from './message-facts.ts';

/** What may be asked of a stream. Every field has been checked for its form by the edge. */
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

/** For each name in a text whom it may mean, the best first: the first who is a member is mentioned. */
export type Named = readonly (readonly string[])[];

/** What the stream's state has forgotten, looked up before the decision. */
export type Past = {
  /** Everything up to this place in the log is taken into account. */
  readonly seq: number;
  readonly messages: ReadonlyMap<string, MessageFacts>;
  /** The reactions that stand, by `reactionKey`, of those people and messages that were asked for. */
  readonly reactions: ReadonlySet<string>;
};

export type StreamCommandOf<Op extends StreamCommand['op']> = Extract<StreamCommand, { op: Op }>;

/** What the rules of a stream say to a command. */
export type StreamDecision = Decision<EventIn<'stream'>>;

/** What who posts is told. */
export type Posted = {
  readonly id: string;
  readonly n: number;
  readonly m: number;
  readonly at: number;
};
