import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { eventsOf, gapsIn, type LogLine, linesOf, replay } from '../support/replayed-log.ts';
import { makeCircle, type Person, post, registerAll } from '../support/server-people.ts';
import type { Environment } from '../support/server-process.ts';
import { TestSocket } from '../support/server-socket.ts';
import { testOnOwnStages } from '../support/server-stage.ts';

const it = testOnOwnStages();
const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Runs a line of the shell in the project's folder; fails if any part of a pipe fails. */
const shell = async (line: string, env: Environment): Promise<string> => {
  const { stdout, stderr } = await run(
    '/bin/bash',
    ['--norc', '--noprofile', '-o', 'pipefail', '-c', line],
    {
      cwd: root,
      env: { ...env, PATH: `${dirname(execPath)}:/usr/bin:/bin` },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  expect(stderr).toBe('');
  return stdout;
};

/** The blocks of a page that stand under a word. */
const blocksOf = async (page: string, word: string): Promise<string[]> => {
  const text = await readFile(resolve(root, page), 'utf8');
  const blocks = text.matchAll(new RegExp(`^\`\`\`sh ${word}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, block = '']) => block.trim());
};

/** Two circles of Ann's; Ben is in the first, which has two streams. */
const history = async (url: string) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const [first, second] = [await makeCircle(ann, [ben]), await makeCircle(ann)];
  const stream = uuid7();
  await ann.call(`PUT /v1/circles/${first}/streams/${stream}`, { name: 'cakes' });
  const id = uuid7();
  await post(ann, first, { id, text: 'x'.repeat(4000) });
  await ann.call(`DELETE /v1/circles/${first}/streams/${first}/messages/${id}`);
  await ben.call(`PUT /v1/circles/${first}/streams/${stream}/messages/${uuid7()}`, { text: 'ü👍' });
  await post(ann, second);
  return { ann, ben, first, second, stream };
};

/** What each option keeps of all that there is. */
const optionsFor = ({ ben, first, stream }: Awaited<ReturnType<typeof history>>) => {
  const inFirst = ({ of }: LogLine) =>
    of === `circle.${first}` || of.startsWith(`stream.${first}.`);
  const his = ({ by, of }: LogLine) => by === ben.id || of === `user.${ben.id}`;
  const posted = ({ k }: LogLine) => k === 'message-posted';
  const options: readonly (readonly [readonly string[], (line: LogLine) => boolean])[] = [
    [['--circle', first], inFirst],
    [['--stream', stream], ({ of }) => of === `stream.${first}.${stream}`],
    [
      ['--kind', 'message-posted', '--circle', first, '--user', ben.id],
      (line) => posted(line) && inFirst(line) && his(line),
    ],
  ];
  return options;
};

it('replay prints what the options keep, while the server runs and beside it', async ({
  stage,
  url,
}) => {
  const past = await history(url);
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
  const options = optionsFor(past);
  // What an option keeps does not depend on the engine: on the second one, one of them is enough.
  for (const [words, keeps] of stage.engine === 'embedded' ? options : options.slice(-1)) {
    expect([words, await replay(stage.env, words)]).toEqual([words, running.filter(keeps)]);
  }
  await (await stage.server()).stop();
  expect(await replay(stage.env)).toEqual(running);
});

it('replay reads whole commits while others write; each run begins with the one before', async ({
  stage,
  url,
}) => {
  const { ann, first } = await history(url);
  const socket = await TestSocket.greet(url, ann);
  const s = `${first}/${first}`;
  let isOver = false;
  let said = 0;
  const writing = (async () => {
    for (; !isOver; said++) await socket.command('post-message', { s, id: uuid7(), text: 'x' });
  })();
  const texts: string[][] = [];
  for (let round = 0; round < 2; round++) {
    const before = said;
    const lines = await replay(stage.env, ['--circle', first]);
    expect(gapsIn(lines)).toEqual([]);
    texts.push(lines.map((line) => JSON.stringify(line)));
    expect(texts[round]?.slice(0, texts[round - 1]?.length ?? 0)).toEqual(texts[round - 1] ?? []);
    const posted = lines.filter(({ k }) => k === 'message-posted');
    expect(posted.length).toBeGreaterThanOrEqual(before);
  }
  isOver = true;
  await writing;
  socket.close();
});

it('a reader that has seen enough, as head, is no failure', async ({ stage, url }) => {
  const { ann, first } = await history(url);
  const texts = Array.from({ length: 120 }, () => 'x'.repeat(4000));
  await Promise.all(texts.map((text) => post(ann, first, { text })));
  const whole = await replay(stage.env);
  const output = await shell('node dist/cli/oshi.js replay | head -1', stage.env);
  expect(linesOf(output)).toEqual(whole.slice(0, 1));
});

it('the line of docs/replay-and-attach.md prints the messages', async ({ stage, url }) => {
  await history(url);
  const [line = '', ...rest] = await blocksOf('docs/replay-and-attach.md', 'replay');
  expect(rest).toEqual([]);
  const printed = linesOf(await shell(line, stage.env));
  expect(printed.map(({ k }) => k)).toEqual(printed.map(() => 'message-posted'));
  expect(printed).toHaveLength(3);
});
