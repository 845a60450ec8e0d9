import type { ActorsPort } from '../../actors/port.ts';
import type { EventLog } from '../../events/log.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import type { CirclePasts } from '../../history/circle-past.ts';
import { type Moment, momentForms, momentIn } from '../../history/moment.ts';
import { circleAt, lastMessages, NotThere, streamAt } from '../../history/past.ts';
import type { PastStream } from '../../history/past-circle.ts';
import { pastMessages } from '../../history/past-messages.ts';
import type { Range } from '../../projections/models/messages.ts';
import { type StreamView, streamView } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { createOwnerGate, guardedBy } from '../gate.ts';
import type { Turn } from '../limits/reads.ts';
import type { KeysetPage } from '../pages.ts';
import { Refused } from '../refusals.ts';
import type { Caller } from '../sessions/sessions.ts';
import { fittingCircle, outsideView } from './circles.ts';
import { memberViews } from './members.ts';
import { pageFrom, peopleOf } from './messages.ts';

export type PastViewsDeps = {
  readonly actors: ActorsPort;
  readonly models: ReadModels;
  readonly log: EventLog;
  readonly pasts: CirclePasts;
};

/** The event after which the state is shown. */
type Then = { readonly n: number; readonly at: number };

/** The requested circle and moment. */
type Asked = { readonly caller: Caller; readonly circle: string; readonly at: string };

const momentOf = (at: string): Moment => {
  const moment = momentIn(at);
  if (moment) return moment;
  throw new Refused('bad-request', { field: 'at', message: `must be ${momentForms}` });
};

type PastOf = Parameters<typeof pastMessages>[0];

/** Streams of a circle at a position, in the same order. */
const streamViews = async (
  past: PastOf,
  where: { readonly circle: string; readonly place: number },
  streams: readonly [string, PastStream][],
): Promise<StreamView[]> => {
  const ids = streams.map(([id]) => id);
  const lasts = await lastMessages(past, where, ids);
  return streams.map(([stream, was], index) => {
    const _id = formatStreamPath(where.circle, stream);
    return streamView({ ...was, _id, stream, last: lasts[index] ?? 0 });
  });
};

/** A circle at a moment. */
const circleView = async (past: PastOf, id: string, moment: Moment) => {
  const { circle, place } = await circleAt(past, id, moment);
  if (circle.deleted) throw new NotThere('The circle was deleted by then.');
  const streams = await streamViews(past, { circle: id, place }, [...circle.streams]);
  const outside = outsideView({ ...circle, _id: id, members: circle.members.size });
  const view = fittingCircle({ ...outside, streams, n: circle.n });
  return { moment: circle, answer: { circle: view } };
};

/** An answer, and the event after which it is valid. */
type Past<Answer> = { readonly answer: Answer; readonly moment: Then };

/** Circles, members, streams and messages in the past, for the owner of a circle. */
export const createPastViews = (deps: PastViewsDeps) => {
  const { actors, models, log, pasts } = deps;
  const past = { pasts, log, trail: models.trail, messages: models.messages };
  const guarded = guardedBy(createOwnerGate(actors));

  const ask = <Answer extends object>(
    { caller, circle, at }: Asked,
    read: (moment: Moment) => Promise<Past<Answer>>,
  ) =>
    guarded(caller, circle, async () => {
      const { answer, moment } = await read(momentOf(at)).catch((error: unknown) => {
        if (!(error instanceof NotThere)) throw error;
        throw new Refused('not-found', { message: error.message }, error);
      });
      return { ...answer, moment: { n: moment.n, at: moment.at } satisfies Then };
    });

  return {
    circle: (asked: Asked) => ask(asked, (moment) => circleView(past, asked.circle, moment)),

    /** The members by id, one row more than is shown, for the next page. */
    members: (asked: Asked, { after = '', limit }: KeysetPage) =>
      ask(asked, async (moment) => {
        const { circle } = await circleAt(past, asked.circle, moment);
        const later = [...circle.members].filter(([user]) => user > after);
        const page = later.sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, limit);
        const members = page.map(([user, member]) => ({ user, ...member }));
        return { moment: circle, answer: { rows: await memberViews(models, members) } };
      }),

    /** The streams, oldest first, one row more than is shown, each with the key of the next page. */
    streams: (asked: Asked, { after = '0', limit }: KeysetPage) =>
      ask(asked, async (moment) => {
        const { circle, place } = await circleAt(past, asked.circle, moment);
        const later = [...circle.streams].filter(([, { createdN }]) => createdN > Number(after));
        const page = later.slice(0, limit);
        const views = await streamViews(past, { circle: asked.circle, place }, page);
        const rows = views.map((view, index) => ({ view, order: page[index]?.[1].createdN ?? 0 }));
        return { moment: circle, answer: { rows } };
      }),

    /** A page of a stream. Texts that were edited or deleted later are as they were. */
    messages: (asked: Asked & { readonly stream: string; readonly turn: Turn }, range: Range) =>
      ask(asked, async (moment) => {
        const { circle, stream, caller, turn } = asked;
        const then = await streamAt(past, { circle, stream }, moment);
        const page = { circle, stream, then, range, user: caller.user };
        const { messages, last } = await pastMessages(past, page);
        const people = await peopleOf({ models, turn }, formatStreamPath(circle, stream), messages);
        return { moment: then, answer: pageFrom(messages, { range, last, people }) };
      }),
  };
};
