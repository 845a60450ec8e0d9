import { join } from 'node:path';
import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { Listener, listen, needle } from '../stage/listener.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { latenciesAt } from '../stage/pace.ts';
import { circleOf, inParallel, register, Talker } from '../stage/people.ts';
import { type Subject, startProgram } from '../stage/process.ts';

const subscribers = 1000;
const perPerson = 20;
const seconds = 8;
const perSecond = 100;
/** Of so many listeners the arrivals are timed; the others only receive. */
const timed = 20;

/** What each text costs a server, and how long it takes to one listener, at two steady rates. */
const perPost = async (
  what: string,
  { server, listener }: { readonly server: Subject; readonly listener: Listener },
  post: (index: number) => void,
): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const rate of [10, 100]) {
    const before = { cpu: server.cpuMicros(), written: server.written() };
    const latencies = await latenciesAt([listener], { perSecond: rate, seconds }, post);
    // The read models are written a moment later.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const posts = latencies.length;
    const cpu = (server.cpuMicros() - before.cpu) / posts / 1000;
    const written = (server.written() - before.written) / posts / 1000;
    figures.push(
      figure(`${what}, CPU per post, ${rate}/s`, cpu, 'ms'),
      figure(`${what}, written per post, ${rate}/s`, written, 'kB'),
      figure(`${what} p50, ${rate}/s to 1`, quantile(latencies, 0.5), 'ms'),
      figure(`${what} p99, ${rate}/s to 1`, quantile(latencies, 0.99), 'ms'),
    );
  }
  return figures;
};

const alone = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const owner = await register(server.url);
  const circle = await circleOf(server.url, owner, []);
  const s = `${circle}/${circle}`;
  const talker = await Talker.open(server.url, owner.token);
  const listener = await listen(server.url, owner.token, s);
  const figures = await perPost('Oshi', { server, listener }, (index) => {
    void talker.post(s, textOf(index));
  });
  listener.close();
  talker.close();
  await server.stop();
  return figures;
};

const crowd = (what: string, latencies: readonly number[], usedMicros: number): Figure[] => [
  figure(`${what} p50, ${perSecond}/s to 1,000`, quantile(latencies, 0.5), 'ms'),
  figure(`${what} p99, ${perSecond}/s to 1,000`, quantile(latencies, 0.99), 'ms'),
  figure(`${what}, CPU per delivery`, usedMicros / (perSecond * seconds * subscribers), 'µs'),
];

/** A steady rate to many subscribers, which takes a part of a processor. */
const crowded = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const people = await inParallel(subscribers / perPerson + 1, 4, () => register(server.url));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody');
  const circle = await circleOf(server.url, owner, others);
  const s = `${circle}/${circle}`;
  const talker = await Talker.open(server.url, owner.token);
  const listeners = await inParallel(subscribers, 20, (at) =>
    listen(server.url, others[Math.floor(at / perPerson)]?.token ?? '', s),
  );
  const cpu = server.cpuMicros();
  const latencies = await latenciesAt(
    listeners.slice(0, timed),
    { perSecond, seconds },
    (index) => {
      void talker.post(s, textOf(index));
    },
  );
  const used = server.cpuMicros() - cpu;
  for (const listener of listeners) listener.close();
  talker.close();
  await server.stop();
  return crowd('Oshi', latencies, used);
};

/** The frame of a posted message, as Oshi sends it. */
const eventFrame = (): string => {
  const d = { id: 'x'.repeat(36), m: 1, text: textOf(1), mentions: [] };
  const event = { n: 1, at: Date.now(), by: 'x'.repeat(36), k: 'message-posted', d };
  return JSON.stringify({ t: 'events', s: 'x'.repeat(73), e: [event] });
};

const bareWs = (...args: string[]): Promise<Subject> =>
  startProgram(['--import', 'tsx', 'bench/stage/bare-ws.ts', ...args], {});

const bareListener = ({ url }: Subject): Promise<Listener> =>
  Listener.open(`${url}/`, { frames: [], until: '\r\n\r\n', needle });

/** The least that keeps a post before it is sent: bare `ws` and a file that is flushed. */
const bareAlone = async ({ dataDir }: Place): Promise<Figure[]> => {
  const server = await bareWs(join(dataDir, 'texts'));
  const listener = await bareListener(server);
  const frame = eventFrame();
  const figures = await perPost('bare ws and a file', { server, listener }, () =>
    listener.send(frame),
  );
  listener.close();
  await server.stop();
  return figures;
};

/** The same through bare `ws`. */
const bare = async (): Promise<Figure[]> => {
  const server = await bareWs();
  const listeners = await inParallel(subscribers, 20, () => bareListener(server));
  const frame = eventFrame();
  const cpu = server.cpuMicros();
  const latencies = await latenciesAt(listeners.slice(0, timed), { perSecond, seconds }, () =>
    listeners.at(-1)?.send(frame),
  );
  const used = server.cpuMicros() - cpu;
  for (const listener of listeners) listener.close();
  await server.stop();
  return crowd('bare ws', latencies, used);
};

/** Steady rates far below what the server can do: latency, and the cost of a single post. */
export const quiet = async (place: Place): Promise<Figure[]> => [
  ...(await alone(place)),
  ...(await bareAlone(place)),
  ...(await crowded(place)),
  ...(await bare()),
];
