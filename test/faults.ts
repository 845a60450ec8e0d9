import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from '../src/config.ts';
import { findProgram } from '../tools/servers/program.ts';
import { chance } from './support/generators/chance.ts';
import { faultsOn, shuffled } from './support/generators/faults/kinds.ts';
import { play } from './support/generators/faults/play.ts';
import { openFaultStage } from './support/generators/faults/stage.ts';
import { tableOf } from './support/generators/faults/table.ts';

const usage =
  'npm run test:faults -- [--nodes <number>] [--seed <number>] [--minutes <number>] [--only <part of a name>] [--deadline <ms>]';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const numberOf = (name: string, text: string): number => {
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a number: ${usage}`);
};

/** `npm run test:faults`: disturbs the nodes of Oshi and the servers behind them while people talk, and says what they saw of it. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '3' },
      minutes: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      deadline: { type: 'string', default: '5000' },
    },
  });
  const seed = numberOf('seed', values.seed);
  const playMs = numberOf('minutes', values.minutes) * 60_000;
  const nodes = numberOf('nodes', values.nodes);
  if (!Number.isInteger(nodes) || nodes < 1) throw new Error(`--nodes is at least 1: ${usage}`);
  const deadlineMs = numberOf('deadline', values.deadline);
  const sources = {
    ...{ env: environment(), progress: print },
    cacheDir: resolve(import.meta.dirname, '../node_modules/.cache/oshi'),
  };
  const programs = {
    nats: await findProgram('nats-server', sources),
    mongod: await findProgram('mongod', sources),
  };
  const stage = await openFaultStage({ programs, hasSmallDisk: true, nodes });
  if (!stage.smallDisk)
    print('A full disk is left out: a small disk can be mounted by root alone.');
  try {
    const draws = chance(seed);
    const all = faultsOn(stage, draws).filter(({ name }) => name.includes(values.only));
    if (all.length === 0) throw new Error(`no fault is called ${values.only}`);
    print(`Seed ${seed}.`);
    const { seen, faults } = await play({
      ...{ stage, chance: draws, playMs, deadlineMs, faults: shuffled(all, draws) },
      faultMs: [1_000, 20_000],
      onSeen: (one) => print(JSON.stringify(one)),
    });
    print(tableOf(seen));
    for (const fault of faults) print(`FAULT ${fault}`);
    print(
      faults.length === 0
        ? 'Nothing was lost, duplicated, reordered, invented, stale or late.'
        : `${faults.length} faults.`,
    );
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await stage.close();
  }
};

try {
  await main();
} catch (error) {
  process.stderr.write(`faults: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
