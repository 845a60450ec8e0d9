import { setTimeout as sleep } from 'node:timers/promises';
import { type Draft, Round } from '../../../tools/seed/round.ts';
import { ratioOf } from '../../stage/ends.ts';
import { type Figure, figure, quantile, textOf } from '../../stage/figures.ts';
import { addCircle, addMember, addPerson, fill, startFilled } from '../../stage/filling.ts';
import { type Listener, listen } from '../../stage/listener.ts';
import type { Place } from '../../stage/oshi.ts';
import { eventually } from '../../stage/pace.ts';
import { inParallel, type Person, Talker } from '../../stage/people.ts';
import type { Subject } from '../../stage/process.ts';

const smallSize = 100;
const perPerson = 20;
const settleMs = 5000;
/** Deliveries at each end: they are what is compared, not posts. */
const deliveries = 200_000;
const quietPosts = 600;

type Filling = { readonly people: Person[]; readonly streams: string[] };

/** A busy circle with all people in it, and a quiet one of somebody's. */
function* crowd(size: number, { people, streams }: Filling): Generator<readonly Draft[]> {
  const round = new Round();
  const owner = addPerson(round);
  people.push(owner);
  const circles = [addCircle(round, owner.id), addCircle(round, owner.id)] as const;
  yield round.take();
  for (let count = 0; count < size / perPerson; count++) {
    const person = addPerson(round);
    people.push(person);
    addMember(round, circles[0], person.id);
    if (count % 100 === 0) yield round.take();
  }
  yield round.take();
  streams.push(...circles.map((id) => `${id}/${id}`));
}

/** Posts to all who listen; the processor time of the server for each delivery, in µs. */
const delivered = async (
  server: Subject,
  listeners: readonly Listener[],
  post: (index: number) => Promise<unknown>,
): Promise<number> => {
  const posts = Math.ceil(deliveries / listeners.length);
  const begun = listeners.map(({ counted }) => counted);
  const cpu = server.cpuMicros();
  // One at a time: frames that share a write would be compared with those that do not.
  for (let index = 0; index < posts; index++) {
    await post(index);
    const isThere = (): boolean =>
      listeners.every(({ counted }, at) => counted > (begun[at] ?? 0) + index);
    await eventually(isThere, 'all deliveries');
  }
  return (server.cpuMicros() - cpu) / (posts * listeners.length);
};

/** What connections cost: their memory, a delivery, and a post that concerns none of them. */
export const connections = async (place: Place, size: number): Promise<Figure[]> => {
  const filling: Filling = { people: [], streams: [] };
  await fill(place, crowd(size, filling), (size / perPerson) * 5);
  const server = await startFilled(place);
  const [owner, ...others] = filling.people as [Person, ...Person[]];
  const [busy, quiet] = filling.streams as [string, string];
  const talker = await Talker.open(server.url, owner.token);
  const subscriber = await listen(server.url, owner.token, quiet);
  const listeners: Listener[] = [];
  const measure = async (count: number) => {
    const [memory, from] = [server.memory(), listeners.length];
    const opened = await inParallel(count - from, 50, (at) =>
      listen(server.url, others[Math.floor((from + at) / perPerson)]?.token ?? '', busy),
    );
    listeners.push(...opened);
    await sleep(settleMs);
    const used = (server.memory() - memory) / (count - from);
    const delivery = await delivered(server, listeners, (at) => talker.post(busy, textOf(at)));
    const times: number[] = [];
    const cpu = server.cpuMicros();
    for (let at = 0; at < quietPosts; at++) {
      const begun = performance.now();
      await talker.post(quiet, textOf(at));
      times.push(performance.now() - begun);
    }
    const post = (server.cpuMicros() - cpu) / quietPosts;
    return { used, delivery, post, ms: quantile(times, 0.5) };
  };
  // The first posts are not measured: the server is compiled while they run.
  for (let at = 0; at < 1000; at++) await talker.post(quiet, textOf(at));
  const [small, large] = [await measure(smallSize), await measure(size)];
  for (const each of [...listeners, subscriber]) each.close();
  talker.close();
  await server.stop();
  const ends = [
    { label: `${smallSize} connections` },
    { label: `${size.toLocaleString('en')} connections` },
  ] as const;
  return [
    ...ratioOf('delivery, CPU', ends, { values: [small.delivery, large.delivery], unit: 'µs' }),
    ...ratioOf('post elsewhere, CPU', ends, { values: [small.post, large.post], unit: 'µs' }),
    ...ratioOf('post elsewhere, p50', ends, { values: [small.ms, large.ms], unit: 'ms' }),
    figure(`memory of a connection, of ${size.toLocaleString('en')}`, large.used / 1000, 'kB'),
  ];
};
