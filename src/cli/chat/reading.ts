import type { Client, Page } from '../../client/client.ts';
import { OshiError } from '../../client/error.ts';
import type { Message } from '../../client/objects.ts';
import { type StreamState, streamAfter, streamState } from '../../client/stream-state.ts';
import { findStream } from './places.ts';
import { type Format, messagePrinter } from './printing.ts';
import { visit } from './visit.ts';

export type ReadOptions = Format & Page & { readonly limit: number; readonly follow?: boolean };

type Print = ReturnType<typeof messagePrinter>;
type Reset = Parameters<typeof streamState>[0];
type StreamEvent = Parameters<typeof streamAfter>[1];

const pageMax = 200;
/** Messages that are kept, so that edits and deletions of them are printed. */
const rememberedMax = 1000;

/** `oshi chat read`: prints the newest messages of a stream or a page of it, and with `follow` new ones. */
export const read = (word: string, options: ReadOptions): Promise<void> =>
  visit(async ({ http, connected }) => {
    const { stream } = await findStream(http, word);
    const printMessages = messagePrinter(http, options);
    const { follow: follows, json: _, ...page } = options;
    if (follows) {
      await connected((client) =>
        follow({ client, s: stream.s, limit: page.limit, printMessages }),
      );
      return;
    }
    const { messages, users } = await http.history(stream.s, page);
    await printMessages(messages, users);
  });

type Following = {
  readonly client: Client;
  readonly s: string;
  readonly limit: number;
  readonly printMessages: Print;
};

/** Prints messages and then new ones, until Ctrl-C. Each is printed once, also over reconnections. */
const follow = async (following: Following): Promise<void> => {
  const { client, s, limit } = following;
  let isEnding = false;
  process.once('SIGINT', () => {
    isEnding = true;
    client.close();
  });
  let state: StreamState | undefined;
  for await (const item of client.follow(s, { last: limit })) {
    if (item.t === 'reset') state = await afterReset(following, item.reset, state);
    else if (item.t === 'event' && state) state = await afterEvent(following, item.event, state);
    else if (item.t === 'end' && !isEnding) {
      throw new OshiError(endings[item.code] ?? 'the stream cannot be read any more', {
        code: item.code,
      });
    }
  }
};

/** Prints the messages of a reset; if it skipped events, also those posted meanwhile. */
const afterReset = async (
  following: Following,
  reset: Reset,
  before: StreamState | undefined,
): Promise<StreamState> => {
  const { client, printMessages } = following;
  const connection = client.state;
  const state = streamState(reset, connection.state === 'open' ? connection.user.id : '');
  // Numbers of another log are unrelated to this one.
  const last = before && reset.why === 'too-far' ? before.stream.last : undefined;
  if (last !== undefined) await printMissed(following, last, firstOf(state));
  const fresh = state.messages.filter(({ m }) => m > (last ?? 0));
  await printMessages(fresh, state.users.values());
  return state;
};

const afterEvent = async (
  { printMessages }: Following,
  event: StreamEvent,
  before: StreamState,
): Promise<StreamState> => {
  const state = remembered(streamAfter(before, event));
  const message = changedBy(state, event);
  if (message) await printMessages([message], []);
  return state;
};

const endings: Readonly<Record<string, string>> = {
  removed: 'you are not a member of this circle any more',
  deleted: 'the stream was deleted',
};

const firstOf = ({ messages, stream }: StreamState): number => messages[0]?.m ?? stream.last + 1;

/** Prints the messages after `last` and before `first`, which were too many to be sent as events. */
const printMissed = async (
  { client, s, printMessages }: Following,
  last: number,
  first: number,
): Promise<void> => {
  for (let after = last; after + 1 < first; ) {
    const { messages, users } = await client.history(s, { after, limit: pageMax });
    const missed = messages.filter(({ m }) => m < first);
    await printMessages(missed, users);
    if (missed.length === 0) return;
    after = missed.at(-1)?.m ?? first;
  }
};

const remembered = (state: StreamState): StreamState =>
  state.messages.length > 2 * rememberedMax
    ? { ...state, messages: state.messages.slice(-rememberedMax) }
    : state;

/** The message that an event added, edited or deleted. */
const changedBy = ({ messages }: StreamState, { k, d }: StreamEvent): Message | undefined => {
  const isShown = k === 'message-posted' || k === 'message-edited' || k === 'message-deleted';
  return isShown ? messages.find(({ id }) => id === d.id) : undefined;
};
