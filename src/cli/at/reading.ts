import { createCirclePasts } from '../../history/circle-past.ts';
import type { Moment } from '../../history/moment.ts';
import { circleAt, lastMessages, streamAt } from '../../history/past.ts';
import type { PastCircle, PastInvite, PastMember, PastStream } from '../../history/past-circle.ts';
import { pastMessages } from '../../history/past-messages.ts';
import { type MessageView, peopleIn } from '../../projections/models/messages.ts';
import type { HistoryToRead } from '../history-to-read.ts';

type Named = { readonly username?: string };

export type MemberRow = Named & { readonly user: string } & PastMember;
export type StreamRow = { readonly id: string; readonly messages: number } & PastStream;
export type InviteRow = { readonly code: string } & PastInvite;
export type PastMessageRow = Named & Omit<MessageView, 's'>;

/** The event after which the state is shown. */
type When = { readonly n: number; readonly at: number };

export type CircleReport = When & {
  readonly circle: Omit<
    PastCircle,
    'n' | 'at' | 'place' | 'exists' | 'members' | 'streams' | 'invites'
  > & {
    readonly id: string;
  };
  readonly members: readonly MemberRow[];
  readonly streams: readonly StreamRow[];
  readonly invites: readonly InviteRow[];
};

/** A stream at a moment, with its newest messages. `last`: the number of messages then. */
export type StreamReport = When & {
  readonly stream: { readonly id: string; readonly circle: string } & PastStream;
  readonly last: number;
  readonly messages: readonly PastMessageRow[];
};

const pastOf = ({ log, models }: HistoryToRead) => ({
  pasts: createCirclePasts({ log }),
  log,
  trail: models.trail,
  messages: models.messages,
});

/** Users that are looked up at once. */
const peopleAtOnce = 1000;

const namesOf = async (
  { models }: HistoryToRead,
  ids: readonly string[],
): Promise<(id: string) => Named> => {
  const names = new Map<string, string>();
  for (let from = 0; from < ids.length; from += peopleAtOnce) {
    const people = await models.users.getMany(ids.slice(from, from + peopleAtOnce));
    for (const { id, username } of people) names.set(id, username);
  }
  return (id) => {
    const username = names.get(id);
    return username === undefined ? {} : { username };
  };
};

/** Reads the members, streams and invites of a circle at a moment. Throws `NotThere`. */
export const readCircle = async (
  history: HistoryToRead,
  id: string,
  moment: Moment,
): Promise<CircleReport> => {
  const past = pastOf(history);
  const { circle: then, place } = await circleAt(past, id, moment);
  const { n, at, place: _, exists: __, members, streams, invites, ...circle } = then;
  const nameOf = await namesOf(history, [...members.keys()]);
  const lasts = await lastMessages(past, { circle: id, place }, [...streams.keys()]);
  return {
    n,
    at,
    circle: { id, ...circle },
    members: [...members].map(([user, member]) => ({ user, ...nameOf(user), ...member })),
    streams: [...streams].map(([stream, each], index) => ({
      id: stream,
      ...each,
      messages: lasts[index] ?? 0,
    })),
    invites: [...invites].map(([code, invite]) => ({ code, ...invite })),
  };
};

/** Reads the newest messages of a stream at a moment. Throws `NotThere`. */
export const readStream = async (
  history: HistoryToRead,
  { circle, stream }: { readonly circle: string; readonly stream: string },
  { moment, limit }: { readonly moment: Moment; readonly limit: number },
): Promise<StreamReport> => {
  const past = pastOf(history);
  const then = await streamAt(past, { circle, stream }, moment);
  const { messages, last } = await pastMessages(past, { circle, stream, then, range: { limit } });
  const nameOf = await namesOf(history, [...peopleIn(messages)]);
  const room = then.circle.streams.get(stream);
  if (!room) throw new Error('a stream was there and was not');
  return {
    n: then.n,
    at: then.at,
    stream: { id: stream, circle, ...room },
    last,
    messages: messages.map(({ s: _, ...message }) => ({ ...message, ...nameOf(message.by) })),
  };
};
