import { pause } from '../support/fixtures/raw-socket.ts';
import { type AnswerBody, personOf } from '../support/fixtures/server-people.ts';
import { chance } from '../support/generators/chance.ts';
import { kinds } from './kinds.ts';

/** What an attack is told, as JSON in its one argument. */
export type Orders = {
  readonly url: string;
  readonly kind: string;
  /** How long it keeps still once it is there, and how long it then lasts. */
  readonly beforeMs: number;
  readonly ms: number;
  readonly inputsMin: number;
  readonly seed: number;
  readonly rogue: AnswerBody;
  readonly s: string;
};

// A process of its own: what attacks and what is hurt by it share nothing but the server.
const { url, kind, beforeMs, ms, inputsMin, seed, rogue, s } = JSON.parse(
  process.argv[2] ?? '{}',
) as Orders;
const attack = kinds[kind];
if (!attack) throw new Error(`there is no attack "${kind}"`);
process.stdout.write('ready\n');
await pause(beforeMs);
process.stdout.write('begins\n');
const until = performance.now() + ms;
const orders = { url, until, inputsMin, chance: chance(seed), rogue: personOf(url, rogue), s };
process.stdout.write(`${JSON.stringify(await attack(orders))}\n`);
process.exit(0);
