import type { Reset, StreamEvent } from '../../../src/client/frames.ts';

type Shown = {
  readonly id: string;
  readonly m: number;
  readonly n: number;
  readonly by: string;
  readonly at: number;
  readonly text?: string;
  readonly mentions?: readonly string[];
  readonly editedAt?: number;
  readonly deleted?: true;
};

/** What a client knows of a stream: the messages that it was shown, newest last, up to event `n`. */
export type FoldedStream = {
  readonly n: number;
  readonly last: number;
  readonly messages: ReadonlyMap<string, Shown>;
};

const shown = ({ id, m, n, by, at, text, mentions, editedAt, deleted }: Shown): Shown => ({
  ...{ id, m, n, by, at },
  ...(text !== undefined && { text }),
  ...(mentions !== undefined && { mentions }),
  ...(editedAt !== undefined && { editedAt }),
  ...(deleted && { deleted }),
});

/** Begins with the state that a `reset` carries. */
export const beginning = ({ n, stream, messages = [] }: Reset): FoldedStream => ({
  n,
  last: stream?.last ?? 0,
  messages: new Map(messages.map((message) => [message.id, shown(message as Shown)])),
});

/** Goes on by one event, as the protocol says what each means; it must be the next one. */
export const goOn = (state: FoldedStream, event: StreamEvent): FoldedStream => {
  const { n, at, by } = event;
  if (n !== state.n + 1) throw new Error(`event ${n} came after event ${state.n}`);
  const messages = new Map(state.messages);
  let { last } = state;
  if (event.k === 'message-posted') {
    const { id, m, text, mentions } = event.d;
    last = m;
    messages.set(id, shown({ id, m, n, by, at, text, mentions } as Shown));
  }
  if (event.k === 'message-edited') {
    const { id, text, mentions } = event.d;
    const before = messages.get(id);
    // Of a message that was deleted since, the event that deletes it follows.
    if (before && text !== undefined) messages.set(id, { ...before, text, mentions, editedAt: at });
  }
  if (event.k === 'message-deleted') {
    const before = messages.get(event.d.id);
    if (before) {
      const { text: _, mentions: __, editedAt: ___, ...rest } = before;
      messages.set(before.id, { ...rest, deleted: true });
    }
  }
  return { n, last, messages };
};

/** The newest messages, in order; the same for whoever knows the same. */
export const newestOf = ({ n, last, messages }: FoldedStream, count: number) => ({
  n,
  last,
  messages: [...messages.values()].sort((a, b) => a.m - b.m).slice(-count),
});
