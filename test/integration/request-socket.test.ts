import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { answerRequestsIn, requestTo } from '../../src/engine/embedded/request-socket.ts';

const folder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-sock-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
};

const answering = async (dir: string, handler: (request: string) => Promise<string>) => {
  const warnings: string[] = [];
  const socket = await answerRequestsIn(dir, handler, (line) => warnings.push(line));
  onTestFinished(() => socket.close());
  return { socket, warnings };
};

test('a request is answered, many at once, and only its owner can ask', async () => {
  const dir = await folder();
  expect(await requestTo(dir, 'nobody answers')).toBeUndefined();
  const { socket, warnings } = await answering(dir, async (text) => `${text}!`);
  const texts = Array.from({ length: 50 }, (_, at) => `${at} ${'ü'.repeat(at * 100)}`);
  const answers = await Promise.all(texts.map((text) => requestTo(dir, text)));
  expect(answers).toEqual(texts.map((text) => `${text}!`));
  expect((await stat(join(dir, 'requests.sock'))).mode & 0o777).toBe(0o600);
  await socket.close();
  expect(await requestTo(dir, 'it is closed')).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('peers that say nothing, too much or leave cost others nothing, and do not keep it open', async () => {
  const dir = await folder();
  const { socket } = await answering(dir, async (text) => `${text.length}`);
  const path = join(dir, 'requests.sock');
  const peers = Array.from({ length: 20 }, () => connect(path).on('error', () => undefined));
  const big = connect(path).on('error', () => undefined);
  const cut = new Promise((resolve) => big.once('close', resolve));
  big.write('x'.repeat(1_000_000));
  await cut;
  peers[0]?.destroy();
  expect(await requestTo(dir, 'four')).toBe('4');
  await socket.close();
});

test('a socket that a crash left behind is replaced', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'requests.sock'), '');
  const { warnings } = await answering(dir, async (text) => text);
  expect([await requestTo(dir, 'here'), warnings]).toEqual(['here', []]);
});

test('where there can be no socket the server goes on without, and says so', async () => {
  const dir = await folder();
  const long = join(dir, 'x'.repeat(100));
  for (const nowhere of [long, join(dir, 'missing')]) {
    const { warnings } = await answering(nowhere, async (text) => text);
    expect(warnings).toEqual([
      expect.stringMatching(/^There can be no socket in .* \(.+\): oshi user/),
    ]);
    expect(await requestTo(nowhere, 'nothing')).toBeUndefined();
  }
});
