import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kindsOf } from '../../src/events/kinds/kinds.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { answersOf, enter, linesOf } from '../support/fixtures/data-folder/answers.ts';
import {
  expectedOf,
  goldenFolders,
  importTo,
  unpack,
} from '../support/fixtures/data-folder/golden-folder.ts';
import { oddForms } from '../support/fixtures/data-folder/scenario.ts';
import type { Person } from '../support/fixtures/server-people.ts';
import { openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const folders = await goldenFolders();
const written = await Promise.all(
  folders.map(async (name) => ({ name, odd: (await expectedOf(name)).scenario.odd })),
);

const stageWith = async (name: string) => {
  const stage = await openStage('embedded');
  onTestFinished(() => stage.close());
  await unpack(name, stage.dir);
  return stage;
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

it('the data folders that versions have written hold every kind of event', async () => {
  expect(folders.length).toBeGreaterThan(0);
  const kinds = new Set<string>();
  for (const name of folders) {
    for (const kind of Object.keys((await expectedOf(name)).kinds)) kinds.add(kind);
  }
  // Connections are recorded beside the log on the embedded engine.
  const { connection: _, ...inLog } = kindsOf;
  const all = Object.values(inLog).flatMap((schemas) => Object.keys(schemas));
  expect(all.filter((kind) => !kinds.has(kind))).toEqual([]);
});

describe.each(written)('the data folder of $name', ({ name, odd = '' }) => {
  it('replays to the same lines, and nothing in it is found to be wrong', async () => {
    const { dir } = await stageWith(name);
    const expected = await expectedOf(name);
    const lines = await linesOf(dir);
    expect(lines.trimEnd().split('\n')).toHaveLength(
      Object.values(expected.kinds).reduce((sum, count) => sum + count, 0),
    );
    expect(digestOf(lines)).toBe(expected.digest);
    const verified = await runCommand(['verify'], { OSHI_DATA_DIR: dir });
    expect([verified.code, verified.stderr]).toEqual([0, '']);
  });

  it('is served as before, and so are read models that are built anew', async () => {
    const stage = await stageWith(name);
    const { scenario, answers } = await expectedOf(name);
    const server = await stage.server();
    expect(await answersOf(server.url, scenario)).toMatchObject(answers);
    await server.stop();
    await rm(join(stage.dir, 'read-models'), { recursive: true });
    const { url } = await stage.restart();
    expect(await answersOf(url, scenario)).toMatchObject(answers);
  });

  it.runIf(odd)(
    'has forms that are refused now, which are read, counted as one and taken back',
    async () => {
      const stage = await stageWith(name);
      const { scenario } = await expectedOf(name);
      const { url } = await stage.server();
      const [ann, ben, cat] = (await enter(url, scenario)) as [Person, Person, Person];
      const [circle = '', stream] = odd.split('/');
      const path = `/v1/circles/${circle}/streams/${stream}/messages`;
      const { messages = [], users = [] } = (await cat.call(`GET ${path}`)).body;
      expect(messages.slice(0, 4).map(({ text }) => text)).toEqual(oddForms.texts);
      const reacted = messages[4];
      const forms = ['👍', '❤️‍🔥', 'a\uFE0F', '☕'];
      expect(Object.keys(reacted?.reactions ?? {})).toEqual(forms);
      expect(users.map(({ displayName }) => displayName)).not.toContain('');
      for (const person of [ann, ben]) {
        for (const form of forms) {
          const at = `${path}/${reacted?.id}/reactions/${encodeURIComponent(form)}`;
          expect((await person.call(`DELETE ${at}`)).status).toBe(204);
        }
      }
      const { message } = (await cat.call(`GET ${path}/${reacted?.id}`)).body;
      expect(message?.reactions).toEqual({});
      const { members = [] } = (await cat.call(`GET /v1/circles/${circle}/members`)).body;
      const names = members.map(({ user }) => user.displayName);
      expect(names).toContain(oddForms.names[0]);
      await (await stage.server()).stop();
      const verified = await runCommand(['verify'], { OSHI_DATA_DIR: stage.dir });
      expect([verified.code, verified.stderr]).toEqual([0, '']);
    },
  );

  testWithServers('is served as before from NATS and MongoDB', async () => {
    const { dir } = await stageWith(name);
    const stage = await openStage('cluster');
    onTestFinished(() => stage.close());
    await importTo(stage.nats?.url ?? '', dir);
    const { scenario, answers } = await expectedOf(name);
    const { url } = await stage.server();
    expect(await answersOf(url, scenario)).toMatchObject(answers);
  });
});
