import { type Draft, Round } from '../../../tools/seed/round.ts';
import { compare, type End, once, ratioOf } from '../../stage/ends.ts';
import { type Figure, textOf } from '../../stage/figures.ts';
import {
  addCircle,
  addMember,
  addPerson,
  fill,
  settled,
  startFilled,
} from '../../stage/filling.ts';
import { type Place, startOshi } from '../../stage/oshi.ts';
import { inParallel, type Person, persistently, request, Talker } from '../../stage/people.ts';
import type { Subject } from '../../stage/process.ts';

const smallSize = 100;
const guests = 16;

type Circle = { readonly id: string; readonly middle: string };
type Ends = readonly [End<Circle>, End<Circle>];

type Filling = { readonly guests: Person[]; readonly circles: Circle[] };

/** Two circles of so many members each, and guests who are in neither. */
function* people(
  sizes: readonly number[],
  filling: Filling,
): Generator<readonly Draft[], void, void> {
  const round = new Round();
  for (let count = 0; count < guests; count++) filling.guests.push(addPerson(round));
  for (const size of sizes) {
    const id = addCircle(round, addPerson(round).id);
    const ids: string[] = [];
    for (let count = 1; count < size; count++) {
      const { id: user } = addPerson(round);
      addMember(round, id, user);
      ids.push(user);
      if (count % 250 === 0) yield round.take();
    }
    filling.circles.push({ id, middle: ids.sort()[size >> 1] ?? '' });
    yield round.take();
  }
}

const pathOf = ({ id }: Circle): string => `/v1/circles/${id}`;

const join = (server: Subject, circle: Circle, { token }: Person) =>
  persistently(() =>
    request(server.url, ['PUT', `${pathOf(circle)}/members/me`], { token, body: {} }),
  );

const chat = async (server: Subject, ends: Ends, talkers: readonly Talker[]): Promise<Figure[]> => {
  const talker = (index: number): Talker => talkers[index % talkers.length] as Talker;
  const s = ({ id }: Circle): string => `${id}/${id}`;
  const each = { width: talkers.length };
  return [
    ...(await compare(server, ends, {
      ...{ what: 'post', times: 6000, ...each },
      run: (circle, index) => talker(index).post(s(circle), textOf(index)),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'subscription to the circle', times: 1200, width: 1 },
      run: async ({ id }, index) => {
        await talker(index).ask({ t: 'sub', s: id });
        await talker(index).ask({ t: 'unsub', s: id });
      },
    })),
    ...(await compare(server, ends, {
      ...{ what: 'subscription to a stream', times: 1200, width: 1 },
      run: async (circle, index) => {
        await talker(index).ask({ t: 'sub', s: s(circle), last: 20 });
        await talker(index).ask({ t: 'unsub', s: s(circle) });
      },
    })),
  ];
};

/** Joins and leaves of guests, each in one circle at a time. */
const churn = (server: Subject, ends: Ends, talkers: readonly Talker[]): Promise<Figure[]> =>
  compare(server, ends, {
    ...{ what: 'leave and join', times: 3000, width: talkers.length },
    run: async ({ id: circle }, index) => {
      const talker = talkers[index % talkers.length] as Talker;
      for (const op of ['leave-circle', 'join-circle']) {
        await persistently(() => talker.ask({ t: 'cmd', op, d: { circle } }));
      }
    },
  });

const lists = async (server: Subject, ends: Ends, { token }: Person): Promise<Figure[]> => {
  const page = (circle: Circle, query: string) =>
    request(server.url, ['GET', `${pathOf(circle)}/members?limit=50${query}`], { token });
  return [
    ...(await compare(server, ends, {
      ...{ what: 'first page of the members', times: 600, width: 2 },
      run: (circle) => page(circle, ''),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'page in the middle', times: 600, width: 2 },
      run: (circle) => page(circle, `&cursor=${circle.middle}`),
    })),
  ];
};

/** What members cost in a circle of 100, and in one of as many as `size`. */
export const members = async (place: Place, size: number): Promise<Figure[]> => {
  const filling: Filling = { guests: [], circles: [] };
  await fill(place, people([smallSize, size], filling), 4 * size);
  const [small, large] = filling.circles as [Circle, Circle];
  const ends: Ends = [
    { label: `${smallSize} members`, target: small },
    { label: `${size.toLocaleString('en')} members`, target: large },
  ];
  const [first, ...others] = filling.guests as [Person, ...Person[]];
  const server = await startFilled(place);
  const fromLog = await once(ends, (circle) => join(server, circle, first));
  for (const { target } of ends) {
    await inParallel(others.length, 4, (at) => join(server, target, others[at] as Person));
  }
  const talkers = await Promise.all(others.map(({ token }) => Talker.open(server.url, token)));
  const figures = [
    ...(await churn(server, ends, talkers)),
    ...(await chat(server, ends, talkers)),
    ...(await lists(server, ends, first)),
  ];
  for (const each of talkers) each.close();
  await server.stop();
  const again = await startOshi(place);
  await settled(again);
  const fromSnapshot = await once(ends, (circle) => join(again, circle, first));
  await again.stop();
  return [
    ...figures,
    ...ratioOf('first command, from the log', ends, { values: fromLog, unit: 'ms' }),
    ...ratioOf('first command, from a snapshot', ends, { values: fromSnapshot, unit: 'ms' }),
  ];
};
