import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  eventsOf,
  gapsIn,
  type LogLine,
  linesOf,
  replay,
} from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { makeCircle, type Person, post, registerAll } from '../support/fixtures/server-people.ts';
import { type Environment, spawnOshi } from '../support/fixtures/server-process.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { type OnStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();
const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Runs a line of the shell in the project's folder; fails if any part of a pipe fails. */
const shell = (line: string, env: Environment) =>
  run('/bin/bash', ['--norc', '--noprofile', '-o', 'pipefail', '-c', line], {
    cwd: root,
    env: { ...env, PATH: `${dirname(execPath)}:/usr/bin:/bin` },
    maxBuffer: 64 * 1024 * 1024,
  });

/** The blocks of a page that stand under a word. */
const blocksOf = async (page: string, word: string): Promise<string[]> => {
  const text = await readFile(resolve(root, page), 'utf8');
  const blocks = text.matchAll(new RegExp(`^\`\`\`sh ${word}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, block = '']) => block.trim());
};

/** Two circles of Ann's; Ben is in the first, which has two streams. */
const history = async ({ url, stage: { env } }: OnStage) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const [first, second] = [await makeCircle(ann, [ben]), await makeCircle(ann)];
  const stream = uuid7();
  await ann.call(`PUT /v1/circles/${first}/streams/${stream}`, { name: 'cakes' });
  const id = uuid7();
  await post(ann, first, { id, text: 'x'.repeat(4000) });
  await ann.call(`DELETE /v1/circles/${first}/streams/${first}/messages/${id}`);
  await ben.call(`PUT /v1/circles/${first}/streams/${stream}/messages/${uuid7()}`, { text: 'ü👍' });
  await post(ann, second);
  // What follows from the joining is written by itself, a moment later; then nothing more is.
  const joined = ['--kind', 'circle-joined'];
  await until(async () => (await replay(env, joined)).length === 3, 'all have been told');
  return { ann, ben, first, second, stream };
};

/** What each option keeps of all that there is. */
const optionsFor = (
  { ben, first, stream }: Awaited<ReturnType<typeof history>>,
  [since, until]: readonly [number, number],
) => {
  const kinds = ['message-posted', 'session-opened'];
  const inFirst = ({ of }: LogLine) =>
    of === `circle.${first}` || of.startsWith(`stream.${first}.`);
  const his = ({ by, of }: LogLine) => by === ben.id || of === `user.${ben.id}`;
  const options: readonly (readonly [readonly string[], (line: LogLine) => boolean])[] = [
    [['--circle', first], inFirst],
    [['--stream', stream, '--by', ben.id], ({ of, by }) => of.endsWith(stream) && by === ben.id],
    [
      ['--kind', 'message-posted', '--kind', 'session-opened', '--user', ben.id],
      (line) => kinds.includes(line.k) && his(line),
    ],
    [['--since', `${since}`, '--until', `${until}`], ({ at }) => at >= since && at < until],
  ];
  return options;
};

/** The lines that a process has printed, the last one perhaps not to its end. */
const whole = (stdout: string): LogLine[] => linesOf(stdout.slice(0, stdout.lastIndexOf('\n') + 1));

/** How to go on, as a replay that ended before the end says it. */
const adviceIn = (stderr: string): string[] => {
  const [, after] =
    /^oshi: .*? To resume, run the same command --after (\S+)\n$/.exec(stderr) ?? [];
  if (after === undefined) throw new Error(`no advice: ${stderr}`);
  return ['--after', after];
};

/** Replays in pieces of so many lines, each going on where the one before says. */
const inPieces = async (env: Environment, size: number): Promise<LogLine[]> => {
  const lines: LogLine[] = [];
  for (let after: string[] = []; ; ) {
    const { code, stdout, stderr } = await runCommand(
      ['replay', '--limit', `${size}`, ...after],
      env,
    );
    expect(code).toBe(0);
    lines.push(...linesOf(stdout));
    if (stderr === '') return lines;
    after = adviceIn(stderr);
  }
};

it('replay prints what the options keep, whole or in pieces, while the server runs and beside it', async ({
  stage,
  url,
}) => {
  const past = await history({ url, stage });
  const running = await replay(stage.env);
  for (const line of running) {
    expect(line).toMatchObject({
      position: expect.stringMatching(/^\d+:\d+$/),
      of: expect.stringMatching(/^(user|circle|stream|name)\./),
      n: expect.any(Number),
      k: expect.any(String),
      at: expect.any(Number),
      d: expect.any(Object),
    });
  }
  expect(gapsIn(running)).toEqual([]);
  expect(eventsOf(running, `${past.first}/${past.first}`).map(({ k }) => k)).toEqual([
    'stream-opened',
    'message-posted',
    'message-deleted',
  ]);
  expect(JSON.stringify(running)).not.toContain(past.ann.token);
  const times = running.map(({ at }) => at).sort((one, other) => one - other);
  const middle = [times[Math.floor(times.length / 3)] ?? 0, times.at(-1) ?? 0] as const;
  for (const [words, keeps] of optionsFor(past, middle)) {
    expect([words, await replay(stage.env, words)]).toEqual([words, running.filter(keeps)]);
  }
  const [line = '', ...rest] = await blocksOf('docs/replay.md', 'replay');
  expect(rest).toEqual([]);
  const { stdout } = await shell(line, stage.env);
  expect(linesOf(stdout)).toEqual(running.filter(({ k }) => k === 'message-posted'));
  await (await stage.server()).stop();
  expect(await inPieces(stage.env, Math.ceil(running.length / 3))).toEqual(running);
  expect(await runCommand(['replay', '--after', '0:99999999'], stage.env)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^oshi: --after 0:99999999 is beyond the end of the log, which is 0:\d+; .*\n$/,
    ),
  });
});

it('replay --follow misses and doubles nothing beside a server that writes, however it ends', async ({
  stage,
  url,
}) => {
  const { ann, first } = await history({ url, stage });
  const socket = await TestSocket.greet(url, ann);
  const s = `${first}/${first}`;
  let isOver = false;
  let said = 0;
  const writing = (async () => {
    for (; !isOver; said++) await socket.command('post-message', { s, id: uuid7(), text: 'x' });
  })();
  const words = ['replay', '--follow', '--circle', first];
  const lines: LogLine[] = [];
  const follow = async (after: string[], end: 'stop' | 'kill') => {
    const reader = spawnOshi([...words, ...after], stage.env);
    const before = said;
    await until(() => whole(reader.stdout()).length > 5 && said > before + 30, 'more lines');
    const { stdout, stderr, code } = await (end === 'kill' ? reader.kill() : reader.stop('SIGINT'));
    lines.push(...whole(stdout));
    return { stderr, code };
  };
  const interrupted = await follow([], 'stop');
  expect(interrupted.code).toBe(0);
  await follow(adviceIn(interrupted.stderr), 'kill');
  // All of a circle lies in one partition.
  const last = lines.at(-1);
  const goOn = ['--after', `${last?.position}/${last?.n}`];
  const middle = await replay(stage.env, ['--circle', first]);
  await follow(goOn, 'stop');
  isOver = true;
  await writing;
  socket.close();
  const all = await replay(stage.env, ['--circle', first]);
  expect(gapsIn(all)).toEqual([]);
  expect(all.filter(({ k }) => k === 'message-posted')).toHaveLength(said + 2);
  expect(all.slice(0, middle.length)).toEqual(middle);
  expect(lines).toEqual(all.slice(0, lines.length));
  expect(lines.length).toBeGreaterThan(60);
});

it('a reader that has seen enough is no failure; what a signal has ended goes on where it was', async ({
  stage,
  url,
}) => {
  const { ann, first } = await history({ url, stage });
  const texts = Array.from({ length: 300 }, () => 'x'.repeat(4000));
  await Promise.all(texts.map((long) => post(ann, first, { text: long })));
  const all = await replay(stage.env);
  const { stdout, stderr } = await shell('node dist/cli/oshi.js replay | head -1', stage.env);
  expect(linesOf(stdout)).toEqual(all.slice(0, 1));
  expect(stderr).toMatch(
    /^oshi: the reader has closed the pipe\. .* --after <position>\/<n> of the last line .*\n$/,
  );

  // Nobody reads at first: more than a pipe holds is still to come when the signal does.
  const child = spawn(execPath, ['dist/cli/oshi.js', 'replay'], { cwd: root, env: stage.env });
  await once(child.stdout, 'readable');
  child.kill('SIGINT');
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(child.exitCode ?? (await once(child, 'close'))[0]).toBe(130);
  const rest = await replay(stage.env, adviceIn(said));
  expect(rest.length).toBeGreaterThan(0);
  expect([...linesOf(printed), ...rest]).toEqual(all);
});

test('a command line that is not understood is answered with what would be', async () => {
  const ask = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCommand(['replay', ...words]);
    expect(stdout).toBe('');
    return `${code} ${stderr}`;
  };
  expect(await ask('--kind', 'message-post')).toMatch(/^2 .*did you mean message-posted\?/);
  expect(await ask('--follow', '--until', '2026-01-01')).toMatch(
    /^2 error: --until and --follow cannot be combined/,
  );
});
