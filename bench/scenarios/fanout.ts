import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { Listener, listen, needle } from '../stage/listener.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { atRate, eventually } from '../stage/pace.ts';
import { circleOf, inParallel, type Person, register, Talker } from '../stage/people.ts';
import { type Subject, startProgram } from '../stage/process.ts';

const subscribers = 1000;
const perPerson = 20;
const inFlight = 50;
const seconds = 8;
const pacedSubscribers = 200;
const pacedPerSecond = 200;

const allCounted = (listeners: readonly Listener[], posts: number): Promise<void> =>
  eventually(() => listeners.every(({ counted }) => counted >= posts), 'all deliveries');

type Audience = {
  readonly talkers: readonly Talker[];
  readonly s: string;
  readonly people: readonly Person[];
};

const gather = async (server: Subject, count: number): Promise<Audience> => {
  const people = await inParallel(Math.ceil(count / perPerson) + 2, 4, () => register(server.url));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody');
  const id = await circleOf(server.url, owner, others);
  const talkers = await Promise.all(
    people.slice(0, 2).map(({ token }) => Talker.open(server.url, token)),
  );
  return { talkers, s: `${id}/${id}`, people: people.slice(2) };
};

/** As many deliveries as there can be: 1,000 subscribers of one stream, 50 posts in flight. */
const flood = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const { talkers, s, people } = await gather(server, subscribers);
  const listeners = await inParallel(subscribers, 20, (at) =>
    listen(server.url, people[Math.floor(at / perPerson)]?.token ?? '', s),
  );
  let posts = 0;
  const until = performance.now() + seconds * 1000;
  const cpu = server.cpuMicros();
  const begun = performance.now();
  await inParallel(inFlight, inFlight, async (at) => {
    while (performance.now() < until) await talkers[at % 2]?.post(s, textOf(posts++));
  });
  await allCounted(listeners, posts);
  const elapsed = (performance.now() - begun) / 1000;
  const deliveries = posts * subscribers;
  const figures = [
    figure('deliveries, 1,000 subscribers', deliveries / elapsed, '/s'),
    figure('server CPU per delivery', (server.cpuMicros() - cpu) / deliveries, 'µs'),
    figure('posts meanwhile', posts / elapsed, '/s'),
  ];
  for (const each of listeners) each.close();
  for (const each of talkers) each.close();
  await server.stop();
  return figures;
};

/** The same bytes through bare `ws`, a send each: what it costs without anything of Oshi's. */
const bare = async (): Promise<Figure[]> => {
  const server = await startProgram(['--import', 'tsx', 'bench/stage/bare-ws.ts'], {});
  const listeners = await inParallel(subscribers, 20, () =>
    Listener.open(`${server.url}/`, { frames: [], until: '\r\n\r\n', needle }),
  );
  const event = JSON.stringify({
    n: 1,
    at: Date.now(),
    by: 'x'.repeat(36),
    k: 'message-posted',
    d: { id: 'x'.repeat(36), m: 1, text: textOf(1), mentions: [] },
  });
  const frame = JSON.stringify({ t: 'events', s: 'x'.repeat(73), e: [JSON.parse(event)] });
  const [first] = listeners;
  let posts = 0;
  const until = performance.now() + (seconds / 2) * 1000;
  const cpu = server.cpuMicros();
  const begun = performance.now();
  while (performance.now() < until) {
    first?.send(frame);
    posts++;
    while ((first?.counted ?? 0) < posts - inFlight) await new Promise((go) => setImmediate(go));
  }
  await allCounted(listeners, posts);
  const elapsed = (performance.now() - begun) / 1000;
  const deliveries = posts * subscribers;
  const figures = [
    figure('bare ws, deliveries', deliveries / elapsed, '/s'),
    figure('bare ws, CPU per delivery', (server.cpuMicros() - cpu) / deliveries, 'µs'),
  ];
  for (const each of listeners) each.close();
  await server.stop();
  return figures;
};

/** How long a post takes to 200 subscribers at 200 posts a second. */
const paced = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const { talkers, s, people } = await gather(server, pacedSubscribers);
  const latencies: number[] = [];
  const readers = await inParallel(pacedSubscribers, 20, async (at) => {
    const reader = await Talker.open(server.url, people[Math.floor(at / perPerson)]?.token ?? '');
    reader.onFrame = (frame) => {
      if (frame.t !== 'events') return;
      for (const { d } of frame.e as { d: { text?: string } }[]) {
        latencies.push(performance.now() - Number(d.text?.split(' ', 1)));
      }
    };
    await reader.ask({ t: 'sub', s, last: 0 });
    return reader;
  });
  const posting: Promise<unknown>[] = [];
  await atRate(pacedPerSecond, seconds, (index) => {
    const text = `${performance.now()} `.padEnd(140, 'the quick brown fox ');
    posting.push(talkers[index % 2]?.post(s, text) ?? Promise.resolve());
  });
  await Promise.all(posting);
  const wanted = seconds * pacedPerSecond * pacedSubscribers;
  await eventually(() => latencies.length >= wanted, 'all deliveries');
  for (const each of [...readers, ...talkers]) each.close();
  await server.stop();
  return [
    figure('latency p50, 200 posts/s to 200', quantile(latencies, 0.5), 'ms'),
    figure('latency p99, 200 posts/s to 200', quantile(latencies, 0.99), 'ms'),
  ];
};

/** Fan-out: throughput beside bare `ws` in the same minute, and latency at a steady rate. */
export const fanout = async (place: Place): Promise<Figure[]> => [
  ...(await flood(place)),
  ...(await bare()),
  ...(await paced(place)),
];
