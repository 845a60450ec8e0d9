import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../stage/figures.ts';
import { Listener, newest, visit } from '../stage/listener.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { circleOf, inParallel, register, streamsOf } from '../stage/people.ts';
import { startProgram } from '../stage/process.ts';

const connections = 5000;
const perPerson = 20;
const settleMs = 5000;

/** Memory of 5,000 idle connections that have logged in and follow 5 streams each, beside bare `ws`. */
export const connect = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const people = await inParallel(connections / perPerson, 4, () => register(server.url));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody');
  const circle = await circleOf(server.url, owner, others);
  const names = await streamsOf(server.url, owner, { circle, count: 4 });
  await sleep(settleMs);
  const before = server.memory();
  const cpu = server.cpuMicros();
  const begun = performance.now();
  const listeners = await inParallel(connections, 20, (at) =>
    visit(server.url, people[Math.floor(at / perPerson)]?.token ?? '', newest(names)),
  );
  const elapsed = (performance.now() - begun) / 1000;
  const spent = (server.cpuMicros() - cpu) / connections / 1000;
  await sleep(settleMs);
  const used = (server.memory() - before) / connections;
  for (const each of listeners) each.close();
  await server.stop();

  const bare = await startProgram(['--import', 'tsx', 'bench/stage/bare-ws.ts'], {});
  const empty = bare.memory();
  const bareCpu = bare.cpuMicros();
  const sockets = await inParallel(connections, 20, () =>
    Listener.open(`${bare.url}/`, { frames: [], until: '\r\n\r\n', needle: '\u0000' }),
  );
  const bareSpent = (bare.cpuMicros() - bareCpu) / connections / 1000;
  await sleep(settleMs);
  const bareUsed = (bare.memory() - empty) / connections;
  for (const each of sockets) each.close();
  await bare.stop();
  return [
    figure('memory per idle connection, 5 subscriptions', used / 1000, 'kB'),
    figure('bare ws, memory per connection', bareUsed / 1000, 'kB'),
    figure('connections that log in and subscribe', connections / elapsed, '/s'),
    figure('CPU of the server per connection', spent, 'ms'),
    figure('bare ws, CPU per connection', bareSpent, 'ms'),
  ];
};
