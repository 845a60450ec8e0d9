import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { env, execPath, stderr } from 'node:process';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { pythonWebsockets } from '../../tools/python/websockets.ts';
import { until } from '../support/checkers/waiting.ts';
import { tcpProxy } from '../support/doubles/tcp-proxy.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  password,
  register,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const root = resolve(import.meta.dirname, '../..');
const { PATH: path, CI } = env;
const isCi = CI === 'true';

/** Where Python finds `websockets`; undefined where that cannot be had, which is a failure under `CI=true`. */
const pythonPath = await pythonWebsockets({
  cacheDir: resolve(root, 'node_modules/.cache/oshi'),
  progress: (line) => stderr.write(`${line}\n`),
}).catch((error: Error) => {
  if (isCi) throw error;
  stderr.write(`skipping examples/tiny-client.py: ${error.message}\n`);
  return undefined;
});

const it = testOnEngines();

/** One of the examples, as somebody types into it and reads from it. */
type Typist = {
  readonly child: ChildProcess;
  type(text: string): void;
  lines(): string[];
  complaints(): string;
};

type Language = { readonly program: string; readonly file: string; readonly env: object };

const sitDown = (language: Language, words: readonly string[]): Typist => {
  const { program, file } = language;
  const child = spawn(program, [file, ...words], {
    cwd: root,
    env: { ...language.env } as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  return {
    child,
    type: (text) => child.stdin.write(`${text}\n`),
    lines: () => said.stdout.split('\n').slice(0, -1),
    complaints: () => said.stderr,
  };
};

/** All that was said in a circle's first stream, in the form in which the examples print it. */
const saidIn = async (circle: string, person: Person): Promise<string[]> => {
  const lines: string[] = [];
  for (let more = true; more; ) {
    const path = `${messagesOf(circle)}?limit=200&after=${lines.length}`;
    const { body } = await person.call(`GET ${path}`);
    lines.push(...(body.messages ?? []).map(({ m, by, text }) => `${m} ${by}: ${text}`));
    more = body.more?.after === true;
  }
  return lines;
};

/** Says many things at once in a circle's first stream. */
const sayAll = async (url: string, author: Person, { circle, texts }: Saying): Promise<void> => {
  const socket = await TestSocket.greet(url, author);
  const s = `${circle}/${circle}`;
  const answers = texts.map((text) => socket.command('post-message', { s, id: uuid7(), text }));
  for (const answer of await Promise.all(answers)) expect(answer.t).toBe('ok');
  socket.close();
};

type Saying = { readonly circle: string; readonly texts: readonly string[] };

const numbers = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** Cut off with an answer under way, and away for long: nothing is lost, nothing doubled, all in order [W4, W7, W8]. */
const cutOff = async (url: string, language: Language): Promise<void> => {
  const [ann, ben] = [await register(url, 'ann'), await register(url, 'ben')];
  const circle = await makeCircle(ann, [ben]);
  await sayAll(url, ann, { circle, texts: numbers('before', 60) });
  const proxy = await tcpProxy(Number(new URL(url).port));
  const address = `http://127.0.0.1:${proxy.port}`;
  const typist = sitDown(language, [address, ben.username, password, `${circle}/${circle}`]);
  const has = (text: string): boolean => typist.lines().some((line) => line.endsWith(`: ${text}`));
  try {
    await until(
      () => has('before 59'),
      () => `the page: ${typist.complaints()}`,
    );
    typist.type('hello from ben');
    await until(() => has('hello from ben'), 'his own message');

    proxy.swallowReplies();
    typist.type('did it arrive?');
    const arrived = async () => (await saidIn(circle, ann)).at(-1)?.endsWith('did it arrive?');
    await until(async () => (await arrived()) === true, 'a message without an answer');
    proxy.refuse(true);
    proxy.cut();
    typist.type('said while away');
    await sayAll(url, ann, { circle, texts: numbers('meanwhile', 40) });
    proxy.refuse(false);
    await until(() => has('said while away') && has('meanwhile 39'), 'what was missed');

    // Deaf, not cut off: each attempt to come back would make it wait longer for the next.
    proxy.swallowReplies();
    await sayAll(url, ann, { circle, texts: numbers('much', 1_100) });
    proxy.cut();
    await until(() => has('much 1099'), 'more than comes as events');

    const all = await saidIn(circle, ann);
    await until(() => typist.lines().length >= all.length - 10, 'the last line');
    expect(typist.lines()).toEqual(all.slice(10));
    for (const text of ['hello from ben', 'did it arrive?', 'said while away']) {
      expect(all.filter((line) => line.endsWith(`${ben.id}: ${text}`))).toHaveLength(1);
    }
    expect(typist.complaints()).toBe('');
  } finally {
    typist.child.kill('SIGKILL');
    await proxy.close();
  }
};

// Each posts over a thousand messages, and all run side by side.
const options = { timeout: 120_000 };

it(
  'examples/tiny-client.js is cut off, comes back, and has lost and doubled nothing',
  async ({ url }) => cutOff(url, { program: execPath, file: 'examples/tiny-client.js', env: {} }),
  options,
);

if (pythonPath !== undefined) {
  it(
    'examples/tiny-client.py is cut off, comes back, and has lost and doubled nothing',
    async ({ url }) =>
      cutOff(url, {
        program: 'python3',
        file: 'examples/tiny-client.py',
        env: { PATH: path, PYTHONPATH: pythonPath },
      }),
    options,
  );
}
