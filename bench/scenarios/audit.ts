import { circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { type EventLog, emptyTail } from '../../src/events/log.ts';
import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { happened, openLog, put } from '../stage/log.ts';
import { type Place, startBuilt, startOshi } from '../stage/oshi.ts';
import { type Person, register, request } from '../stage/people.ts';

const streamCount = 20;
const peopleCount = 1_000;
/** As many as a busy circle writes together. */
const eventsPerCommit = 5;
const asksEach = 20;
const pageLimit = 50;
const year = 365 * 86_400_000;

type Circle = {
  readonly id: CircleId;
  readonly streams: readonly StreamId[];
  readonly people: readonly UserId[];
  readonly from: number;
};

/** What is said in a stream: of twenty events sixteen posts, two reactions, an edit and a pin. */
const said = (index: number, id: string) => {
  switch (index % 20) {
    case 7:
    case 13:
      return event('reaction-added', { id, emoji: '👍' });
    case 16:
      return event('message-edited', { id, text: `${textOf(index)}!`, mentions: [] });
    case 19:
      return event('message-pinned', { id });
    default:
      return event('message-posted', { id, m: index + 1, text: textOf(index), mentions: [] });
  }
};

/** Makes the circle, with its streams and members. */
const begin = async (log: EventLog, { id, streams, people, from }: Circle): Promise<void> => {
  const [owner = '' as UserId] = people;
  const kind = { kind: 'circle', name: 'Bench', visibility: 'public' } as const;
  const events = [
    event('circle-created', { ...kind, owner }),
    ...people.map((user) => event('member-joined', { user })),
    ...streams.map((stream, at) => event('stream-created', { id: stream, name: `s${at}` })),
  ].map((one) => happened(one, { by: owner, at: from }));
  let tail = emptyTail;
  for (let at = 0; at < events.length; at += eventsPerCommit) {
    const portion = events.slice(at, at + eventsPerCommit);
    tail = await put(log, circleAggregate(id), { tail, events: portion });
  }
};

/** Writes so many events into a circle's log, as if they had happened in the course of a year. */
const fill = async (log: EventLog, circle: Circle, events: number): Promise<void> => {
  const { id, streams, people, from } = circle;
  await begin(log, circle);
  const rounds = Math.ceil((events - people.length) / (streams.length * eventsPerCommit));
  const tails = streams.map(() => emptyTail);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      streams.map(async (stream, lane) => {
        let message = uuid7();
        const batch = Array.from({ length: eventsPerCommit }, (_, slot) => {
          const index = round * eventsPerCommit + slot;
          const one = said(index, message);
          if (one.k === 'message-posted') message = uuid7();
          const by = people[(index * 7919 + lane * 31) % people.length] as UserId;
          return happened(one, {
            by,
            at: from + Math.floor(((round + slot / eventsPerCommit) / rounds) * year),
          });
        });
        const tail = tails[lane] ?? emptyTail;
        tails[lane] = await put(log, streamAggregate(id, stream), { tail, events: batch });
      }),
    );
  }
};

/** What an owner asks for: everything, by each filter, and by pairs of them. */
const questions = ({ streams, people, from }: Circle, turn: number): Record<string, string>[] => {
  const by = people[(turn * 37) % people.length] ?? '';
  const stream = streams[turn % streams.length] ?? '';
  const since = `${from + Math.floor((turn / asksEach) * year)}`;
  const until = `${from + Math.floor(((turn + 1) / asksEach) * year)}`;
  return [
    {},
    { by },
    { stream },
    { user: by },
    { kind: 'message-posted' },
    { kind: 'message-edited' },
    { kind: 'member-joined' },
    { since },
    { until },
    { since, until },
    { by, stream },
    { by, kind: 'message-pinned' },
    { by, since },
    { stream, until },
    { stream, kind: 'reaction-added' },
  ];
};

const milliseconds = async (ask: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await ask();
  return performance.now() - begun;
};

const ofPages = async (url: string, owner: Person, circle: Circle): Promise<Figure[]> => {
  const times = new Map<string, number[]>();
  for (let turn = 0; turn < asksEach; turn++) {
    for (const question of questions(circle, turn)) {
      const words = new URLSearchParams({ ...question, limit: `${pageLimit}` });
      const path = `/v1/circles/${circle.id}/audit?${words}`;
      const taken = await milliseconds(() => request(url, ['GET', path], owner));
      const name = Object.keys(question).join(' and ') || 'no filter';
      times.set(name, [...(times.get(name) ?? []), taken]);
    }
  }
  const all = [...times.values()].flat();
  return [
    figure('page of 50, p50', quantile(all, 0.5), 'ms'),
    figure('page of 50, p95', quantile(all, 0.95), 'ms'),
    figure('page of 50, p99', quantile(all, 0.99), 'ms'),
    ...[...times].map(([name, each]) => figure(`${name}, p95`, quantile(each, 0.95), 'ms')),
  ];
};

/** The circle as it was, at moments all over the year. */
const ofMoments = async (url: string, owner: Person, { id, from }: Circle): Promise<Figure[]> => {
  const times: number[] = [];
  for (let turn = 0; turn < asksEach; turn++) {
    const at = from + Math.floor(((turn + 0.5) / asksEach) * year);
    const path = `/v1/circles/${id}/members?at=${at}`;
    times.push(await milliseconds(() => request(url, ['GET', path], owner)));
  }
  const [first = Number.NaN, ...others] = times;
  return [
    figure('members as they were, first', first, 'ms'),
    figure('members as they were, p50', quantile(others, 0.5), 'ms'),
  ];
};

/** How long the owner of a circle with so many events waits for a page of its history, over HTTP. */
export const audit = async (place: Place, { events }: { events: number }): Promise<Figure[]> => {
  const first = await startOshi(place);
  const owner = await register(first.url);
  await first.stop();
  const others = Array.from({ length: peopleCount - 1 }, () => uuid7() as UserId);
  const circle: Circle = {
    id: uuid7() as CircleId,
    streams: Array.from({ length: streamCount }, () => uuid7() as StreamId),
    people: [owner.id as UserId, ...others],
    from: Date.now() - year,
  };
  const { log, close } = await openLog(place);
  await fill(log, circle, events);
  await close();
  const { server } = await startBuilt(place);
  const figures = [
    ...(await ofPages(server.url, owner, circle)),
    ...(await ofMoments(server.url, owner, circle)),
  ];
  await server.stop();
  return figures;
};
