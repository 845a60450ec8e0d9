import { Command } from 'commander';
import { campaign, type Result, ratioMax } from './campaign.ts';
import { kinds } from './kinds.ts';

type Options = {
  readonly seconds: number;
  readonly inputs: number;
  readonly seed: number;
  readonly json?: true;
};

const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(14) : cell.padStart(10))).join('  ');

const line = ({ kind, posts, before, during, memory, isSlower, faults }: Result): string =>
  columns([
    kind,
    `${posts}`,
    `${before}`,
    `${during}`,
    `${memory.before}`,
    `${memory.peak}`,
    `${memory.after}`,
    faults.length > 0 ? `${faults.length} FAULTS` : isSlower ? 'SLOWER' : 'ok',
  ]);

const run = async (names: readonly string[], options: Options): Promise<void> => {
  const { seconds, inputs, seed, json } = options;
  const chosen = names.length > 0 ? names : Object.keys(kinds);
  process.stderr.write(`${chosen.length} attacks of ${seconds} s, seed ${seed}\n`);
  if (!json) {
    const head = [
      'attack',
      'posts',
      'p99 before',
      'p99 during',
      'MiB before',
      'MiB peak',
      'MiB after',
      '',
    ];
    process.stdout.write(`${columns(head)}\n`);
  }
  const results = await campaign({
    kinds: chosen,
    seed,
    beforeMs: Math.min(seconds * 1000, 6000),
    ms: seconds * 1000,
    afterMs: 3000,
    inputsMin: inputs,
    onResult(result) {
      if (json) return;
      process.stdout.write(`${line(result)}\n    ${result.did}\n`);
      for (const fault of result.faults) process.stdout.write(`    FAULT ${fault}\n`);
    },
  });
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (results.some(({ faults, isSlower }) => isSlower || faults.length > 0)) process.exitCode = 1;
};

await new Command('test:abuse')
  .description(
    'Attacks a server of its own, on loopback, while five people talk, and says what they notice.',
  )
  .argument('[attack...]', Object.keys(kinds).join(', '))
  .addHelpText(
    'after',
    `\nA fault is anything lost, doubled, out of order, refused or disconnected for others, a 5xx, or memory that is kept.\nSLOWER: 99 of 100 posts took over ${ratioMax} times as long as before. p99 is in ms.`,
  )
  .option('--seconds <number>', 'how long each attack lasts', Number, 12)
  .option('--inputs <number>', 'malformed inputs at least', Number, 10_000)
  .option('--seed <number>', 'decides malformed inputs', Number, 20261128)
  .option('--json', 'print JSON')
  .action(run)
  .parseAsync();
