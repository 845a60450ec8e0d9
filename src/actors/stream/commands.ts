import type { EventIn } from '../../events/kinds.ts';
import type { Stamp } from '../command.ts';
import type { Decision } from '../decision.ts';
import type { MessageFacts } from './state.ts';

/** What may be asked of a stream. Every field has been checked for its form by the edge. */
export type StreamCommand = Stamp & { readonly circle: string; readonly stream: string } & (
    | { readonly op: 'open-stream' }
    | {
        readonly op: 'post-message';
        readonly id: string;
        readonly text: string;
        readonly replyTo?: string;
        readonly named: Named;
        readonly past?: PastMessages;
      }
    | {
        readonly op: 'edit-message';
        readonly id: string;
        readonly text: string;
        readonly named: Named;
        readonly past?: PastMessages;
      }
    | { readonly op: 'delete-message'; readonly id: string; readonly past?: PastMessages }
  );

/** For each name in a text whom it may mean, the best first: the first who is a member is mentioned. */
export type Named = readonly (readonly string[])[];

/** Messages that the stream's state has forgotten, looked up before the decision. */
export type PastMessages = ReadonlyMap<string, MessageFacts>;

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
