import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { circleOf, inParallel, register, Talker } from '../stage/people.ts';

const clients = 100;
const circles = 10;
const inFlightEach = 8;
const seconds = 8;

/** Durable posts a second from 100 clients in 10 circles, each with 8 posts in flight, projections running. */
export const post = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const people = await inParallel(clients, 4, () => register(server.url));
  const streams = await inParallel(circles, 2, async (at) => {
    const [owner, ...others] = people.filter((_, index) => index % circles === at);
    if (!owner) throw new Error('nobody');
    const id = await circleOf(server.url, owner, others);
    return `${id}/${id}`;
  });
  const talkers = await inParallel(clients, 20, (at) =>
    Talker.open(server.url, people[at]?.token ?? ''),
  );
  const latencies: number[] = [];
  let posted = 0;
  const until = performance.now() + seconds * 1000;
  const cpu = server.cpuMicros();
  const begun = performance.now();
  await inParallel(clients * inFlightEach, clients * inFlightEach, async (at) => {
    const talker = talkers[at % clients];
    const s = streams[(at % clients) % circles] ?? '';
    while (performance.now() < until) {
      const sent = performance.now();
      await talker?.post(s, textOf(posted++));
      latencies.push(performance.now() - sent);
    }
  });
  const elapsed = (performance.now() - begun) / 1000;
  const used = server.cpuMicros() - cpu;
  for (const talker of talkers) talker.close();
  await server.stop();
  return [
    figure('acknowledged posts', latencies.length / elapsed, '/s'),
    figure('server CPU per post', used / latencies.length, 'µs'),
    figure('answer p50', quantile(latencies, 0.5), 'ms'),
    figure('answer p99', quantile(latencies, 0.99), 'ms'),
  ];
};
