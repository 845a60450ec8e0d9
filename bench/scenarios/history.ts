import { runCommand, type Taken } from '../stage/command.ts';
import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { scanRaw } from '../stage/log.ts';
import { type Place, startBuilt } from '../stage/oshi.ts';
import { circleOf, Talker } from '../stage/people.ts';

const cli = 'dist/cli/oshi.js';
const postsPerSecond = 100;
const quietSeconds = 8;

const figuresOf = (what: string, events: number, taken: Taken): Figure[] => [
  figure(`${what}, events`, events / taken.seconds, '/s'),
  figure(`${what}, events by CPU time`, events / taken.cpuSeconds, '/s'),
  figure(`${what}, memory at most`, taken.peakBytes / 2 ** 20, 'MiB'),
];

/** Posts at a steady pace while `until` is not settled, and gives how long each answer took, in ms. */
const latencies = async (
  { talker, s }: { readonly talker: Talker; readonly s: string },
  until: Promise<unknown>,
): Promise<number[]> => {
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  const times: number[] = [];
  const pending: Promise<unknown>[] = [];
  const begun = performance.now();
  for (let count = 0; !isOver; count++) {
    const due = begun + (count * 1000) / postsPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    // From when it was due, so that a server that stands still is not measured once for many posts.
    const post = talker.post(s, textOf(count)).then(() => times.push(performance.now() - due));
    pending.push(post);
  }
  await Promise.all([over, ...pending]);
  return times;
};

type Options = { readonly events: number };

/**
 * What can be done with a long history: replay, verify, rebuild, and how long posts take while a read model is built
 * anew beside the server.
 */
export const history = async (place: Place, { events }: Options): Promise<Figure[]> => {
  const tsx = 'node_modules/tsx/dist/cli.mjs';
  await runCommand([tsx, 'tools/seed.ts', '--events', `${events}`], place.env);
  const raw = await scanRaw(place);
  const replayed = await runCommand([cli, 'replay'], place.env);
  const chains = await runCommand([cli, 'verify', '--no-models'], place.env);
  const { server, owner, seconds } = await startBuilt(place);
  const verified = await runCommand([cli, 'verify'], place.env);
  const circle = await circleOf(server.url, owner, []);
  const talker = await Talker.open(server.url, owner.token);
  const talk = { talker, s: `${circle}/${circle}` };
  const quiet = await latencies(
    talk,
    new Promise((resolve) => setTimeout(resolve, quietSeconds * 1000)),
  );
  const rebuilding = runCommand([cli, 'rebuild', 'messages'], place.env);
  const beside = await latencies(talk, rebuilding);
  const rebuilt = await rebuilding;
  talker.close();
  await server.stop();
  return [
    figure('the raw log, commits read', raw.commits / raw.seconds, '/s'),
    figure('the raw log, MB read', raw.bytes / 1e6 / raw.seconds, 'MB/s'),
    ...figuresOf('replay', events, replayed),
    ...figuresOf('verify, log alone', events, chains),
    figure('all read models, at the start, events', events / seconds, '/s'),
    ...figuresOf('verify, with read models', events, verified),
    ...figuresOf('rebuild messages', events, rebuilt),
    figure('post, nothing beside, p50', quantile(quiet, 0.5), 'ms'),
    figure('post, nothing beside, p99', quantile(quiet, 0.99), 'ms'),
    figure('post, a rebuild beside, p50', quantile(beside, 0.5), 'ms'),
    figure('post, a rebuild beside, p99', quantile(beside, 0.99), 'ms'),
  ];
};
