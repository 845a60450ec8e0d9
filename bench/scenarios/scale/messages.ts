import { streamAggregate } from '../../../src/events/aggregate.ts';
import { type CircleId, type StreamId, uuid7 } from '../../../src/events/ids.ts';
import { event } from '../../../src/events/kinds/kinds.ts';
import { type Draft, Round } from '../../../tools/seed/round.ts';
import { compare, type End, once, ratioOf } from '../../stage/ends.ts';
import { type Figure, textOf } from '../../stage/figures.ts';
import { addCircle, addPerson, fill, settled, startFilled } from '../../stage/filling.ts';
import { type Place, startOshi } from '../../stage/oshi.ts';
import { type Person, persistently, request, Talker } from '../../stage/people.ts';

const smallSize = 1000;
/** Events that a subscription has missed and gets from the log. */
const missed = 500;
const eachAppend = 250;
const oldMessages = 300;

/** A stream with so many messages, and the ids of its first ones. */
type Stream = { readonly s: string; readonly size: number; readonly oldest: string[] };

type Filling = { readonly people: Person[]; readonly streams: Stream[] };

/** A circle for each size, with so many messages of its owner's. */
function* chatter(sizes: readonly number[], filling: Filling): Generator<readonly Draft[]> {
  const round = new Round();
  const person = addPerson(round);
  filling.people.push(person);
  for (const size of sizes) {
    const circle = addCircle(round, person.id);
    yield round.take();
    const aggregate = streamAggregate(circle as CircleId, circle as StreamId);
    const oldest: string[] = [];
    for (let m = 1; m <= size; m++) {
      const id = uuid7();
      if (m <= oldMessages) oldest.push(id);
      const posted = { id, m, text: textOf(m), mentions: [] };
      round.add(aggregate, { by: person.id, at: Date.now() }, event('message-posted', posted));
      if (m % eachAppend === 0) yield round.take();
    }
    yield round.take();
    filling.streams.push({ s: `${circle}/${circle}`, size, oldest });
  }
}

/** What messages cost in a stream of 1,000, and in one of as many as `size`. */
export const messages = async (place: Place, size: number): Promise<Figure[]> => {
  const filling: Filling = { people: [], streams: [] };
  await fill(place, chatter([smallSize, size], filling), smallSize + size);
  const server = await startFilled(place);
  const [small, large] = filling.streams as [Stream, Stream];
  const ends: [End<Stream>, End<Stream>] = [
    { label: `${smallSize.toLocaleString('en')} messages`, target: small },
    { label: `${size.toLocaleString('en')} messages`, target: large },
  ];
  const [{ token }] = filling.people as [Person];
  const talker = await Talker.open(server.url, token);
  const fromLog = await once(ends, ({ s }) => persistently(() => talker.post(s, textOf(0))));
  await settled(server);
  const page = ({ s }: Stream, query: string) => {
    const [circle, stream] = s.split('/');
    const path = `/v1/circles/${circle}/streams/${stream}/messages?limit=50${query}`;
    return request(server.url, ['GET', path], { token });
  };
  const subscribe = async (s: string, from: object) => {
    const live = new Promise<void>((resolve) => {
      talker.onFrame = ({ t }) => t === 'live' && resolve();
    });
    await talker.ask({ t: 'sub', s, ...from });
    await live;
    await talker.ask({ t: 'unsub', s });
  };
  const read = { times: 600, width: 2 };
  const figures = [
    ...(await compare(server, ends, {
      ...{ what: 'newest page', ...read },
      run: (stream) => page(stream, ''),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'page in the middle', ...read },
      run: (stream) => page(stream, `&around=${stream.size >> 1}`),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'oldest page', ...read },
      run: (stream) => page(stream, '&after=0'),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'subscription', times: 600, width: 1 },
      run: ({ s }) => subscribe(s, { last: 50 }),
    })),
    ...(await compare(server, ends, {
      ...{ what: `subscription that has missed ${missed} events`, times: 300, width: 1 },
      run: ({ s, size: events }) =>
        subscribe(s, { after: events + 2 - missed, epoch: talker.epoch }),
    })),
    ...(await compare(server, ends, {
      ...{ what: 'reaction to an old message', times: oldMessages, width: 1 },
      run: ({ s, oldest }, index) => {
        const d = { s, id: oldest[index], emoji: '👍' };
        return talker.ask({ t: 'cmd', op: 'react', d });
      },
    })),
    ...(await compare(server, ends, {
      ...{ what: 'post', times: 6000, width: 16 },
      run: ({ s }, index) => talker.post(s, textOf(index)),
    })),
  ];
  talker.close();
  await server.stop();
  const again = await startOshi(place);
  await settled(again);
  const visitor = await Talker.open(again.url, token);
  const fromSnapshot = await once(ends, ({ s }) => visitor.post(s, textOf(0)));
  visitor.close();
  await again.stop();
  return [
    ...figures,
    ...ratioOf('first command, from the log', ends, { values: fromLog, unit: 'ms' }),
    ...ratioOf('first command, from a snapshot', ends, { values: fromSnapshot, unit: 'ms' }),
  ];
};
