import { type Draft, Round } from '../../../tools/seed/round.ts';
import { compare, type End } from '../../stage/ends.ts';
import { type Figure, figure, textOf } from '../../stage/figures.ts';
import { addCircle, addPerson, fill, settled, startFilled } from '../../stage/filling.ts';
import type { Place } from '../../stage/oshi.ts';
import { inParallel, type Person, Talker } from '../../stage/people.ts';

const smallSize = 10;
const perPerson = 200;
const width = 10;

type OwnedStream = { readonly s: string; readonly owner: number };
type Filling = { readonly people: Person[]; readonly streams: OwnedStream[] };

/** So many circles, of which each person owns some. */
function* owned(size: number, { people, streams }: Filling): Generator<readonly Draft[]> {
  const round = new Round();
  for (let count = 0; count < size; count++) {
    if (count % perPerson === 0) people.push(addPerson(round));
    const owner = people.length - 1;
    const id = addCircle(round, people[owner]?.id ?? '');
    streams.push({ s: `${id}/${id}`, owner });
    if (round.isFull) yield round.take();
  }
  yield round.take();
}

/** What a post costs while 10 circles are active, and while as many as `size` are; and what an active one costs. */
export const circles = async (place: Place, size: number): Promise<Figure[]> => {
  const filling: Filling = { people: [], streams: [] };
  await fill(place, owned(size, filling), 6 * size);
  const server = await startFilled(place);
  const talkers = await Promise.all(
    filling.people.map(({ token }) => Talker.open(server.url, token)),
  );
  const post = (at: number, index: number) => {
    const { s, owner } = filling.streams[at] as OwnedStream;
    return (talkers[owner] as Talker).post(s, textOf(index));
  };
  // So that what comes later is not compared with a server that has not been compiled yet.
  await inParallel(6000, width, (index) => post(index % smallSize, index));
  await settled(server);
  const before = server.memory();
  await inParallel(size, 4 * width, (index) => post(index, index));
  const used = (server.memory() - before) / size;
  const ends: [End<number>, End<number>] = [
    { label: `in ${smallSize} circles`, target: smallSize },
    { label: `in ${size.toLocaleString('en')} circles`, target: size },
  ];
  const figures = await compare(server, ends, {
    ...{ what: 'post', times: 2 * size, width },
    run: (among, index) => post(index % among, index),
  });
  for (const each of talkers) each.close();
  await server.stop();
  return [...figures, figure('memory of an active circle', used / 1000, 'kB')];
};
