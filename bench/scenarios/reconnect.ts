import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { type From, type Listener, newest, visit } from '../stage/listener.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { eventually } from '../stage/pace.ts';
import { circleOf, inParallel, register, streamsOf, Talker } from '../stage/people.ts';

const clients = 5000;
const perPerson = 20;
const streams = 5;
/** Clients that connect at the same moment; a machine with clients of its own has more. */
const atOnce = 200;
/** Shorter than what the server waits for a sign of life. */
const aliveMs = 15_000;

/** A server with 5,000 clients, each in five streams, is killed and started: how long until all have resumed. */
export const reconnect = async (place: Place): Promise<Figure[]> => {
  const first = await startOshi(place);
  const people = await inParallel(clients / perPerson + 1, 4, () => register(first.url));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody');
  const circle = await circleOf(first.url, owner, others);
  const names = await streamsOf(first.url, owner, { circle, count: streams - 1 });
  const [s = ''] = names;
  const talker = await Talker.open(first.url, owner.token);
  const { epoch } = talker;
  const connectAll = async (url: string, from: readonly From[]) => {
    const times: number[] = [];
    const open: Listener[] = [];
    const alive = setInterval(() => {
      for (const each of open) each.send('{"t":"pong","n":0}');
    }, aliveMs);
    const begun = performance.now();
    const all = await inParallel(clients, atOnce, async (at) => {
      const asked = performance.now();
      const listener = await visit(url, others[Math.floor(at / perPerson)]?.token ?? '', from);
      times.push(performance.now() - asked);
      open.push(listener);
      return listener;
    });
    return { all, alive, times, seconds: (performance.now() - begun) / 1000 };
  };
  const before = await connectAll(first.url, newest(names));
  const posted = await talker.post(s, textOf(1));
  await eventually(() => before.all.every(({ counted }) => counted === 1), 'the first post');
  await first.kill();
  clearInterval(before.alive);

  const killed = performance.now();
  const second = await startOshi(place);
  const startedMs = performance.now() - killed;
  const cpu = second.cpuMicros();
  // The other streams hold the event that opened them.
  const resumed = names.map((each) => ({
    s: each,
    after: each === s ? (posted.n as number) : 1,
    epoch,
  }));
  const after = await connectAll(second.url, resumed);
  const used = (second.cpuMicros() - cpu) / clients / 1000;
  const backMs = performance.now() - killed;
  const again = await Talker.open(second.url, owner.token);
  const sent = performance.now();
  await again.post(s, textOf(2));
  await eventually(() => after.all.every(({ counted }) => counted === 1), 'the post to all');
  const reachedMs = performance.now() - sent;
  clearInterval(after.alive);
  for (const each of [...before.all, ...after.all, talker, again]) each.close();
  await second.stop();
  return [
    figure('start to ready after kill -9', startedMs, 'ms'),
    figure('start to all 5,000 clients resumed', backMs / 1000, 's'),
    figure('clients that log in and resume 5 streams', clients / after.seconds, '/s'),
    figure('log-in and resume, p50', quantile(after.times, 0.5), 'ms'),
    figure('log-in and resume, p99', quantile(after.times, 0.99), 'ms'),
    figure('CPU of the server per client', used, 'ms'),
    figure('next post until all have it', reachedMs, 'ms'),
  ];
};
