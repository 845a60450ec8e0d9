import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { backupPlace } from '../support/fixtures/backups.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { spawnOshi } from '../support/fixtures/server-process.ts';
import { openStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { chance } from '../support/generators/chance.ts';

const it = testOnOwnStages();
const seed = 20_261_129;
const killed = 4;
const killMsMax = 1500;

/** People who post one message after the other until they are stopped, and what they were acknowledged. */
const talk = (people: readonly Person[], circle: string) => {
  const acknowledged: string[] = [];
  const over = new AbortController();
  const talking = people.map(async (person) => {
    while (!over.signal.aborted) {
      const id = uuid7();
      const { status } = await post(person, circle, { id });
      if (status === 201) acknowledged.push(id);
    }
  });
  const stop = async (): Promise<void> => {
    over.abort();
    await Promise.all(talking);
  };
  return { acknowledged, stop };
};

const idsIn = async (person: Person, circle: string): Promise<string[]> => {
  const ids: string[] = [];
  for (let after = 0; ; ) {
    const { body } = await person.call(`GET ${messagesOf(circle)}?limit=200&after=${after}`);
    const { messages = [] } = body;
    ids.push(...messages.map(({ id }) => id));
    after = messages.at(-1)?.m ?? after;
    if (!body.more?.after) return ids;
  }
};

it(
  `whenever a backup or a restore is killed, a complete one holds all that was acknowledged (seed ${seed})`,
  async ({ stage, url }) => {
    const random = chance(seed);
    const place = await backupPlace();
    const people = await registerAll(url, ['ann', 'ben', 'cat']);
    const [ann] = people as [Person];
    const circle = await makeCircle(ann, people.slice(1));
    const { acknowledged, stop } = talk(people, circle);
    onTestFinished(stop);
    const kill = async (words: readonly string[], env = stage.env): Promise<void> => {
      const running = spawnOshi(words, env);
      await Promise.race([sleep(random.under(killMsMax)), running.ended]);
      await running.kill();
    };

    for (let time = 0; time < killed; time++) {
      await kill(['backup', place.at('backup'), ...place.recipient]);
      // The last complete backup is there, or none was completed.
      const { code } = await place.tryRestore({}, '--check');
      expect([0, 3]).toContain(code);
      if (time === 1) await place.backUp(stage.env);
    }
    const before = [...acknowledged];
    await place.backUp(stage.env);
    await stop();

    const target = await openStage(stage.engine);
    onTestFinished(() => target.close());
    const words = ['restore', place.at('backup'), ...place.key];
    for (let time = 0; time < killed; time++) {
      await kill(words, target.env);
      const started = await runCommand(['verify'], target.env);
      expect([0, 1, 3]).toContain(started.code);
      if (started.code === 0) break;
    }
    const isComplete = (await runCommand(['verify', '--no-models'], target.env)).code === 0;
    if (!isComplete) await place.restore(target.env);
    const restored = await target.server();
    const ids = await idsIn(
      { ...ann, call: (request) => call(restored.url, request, { token: ann.token }) },
      circle,
    );
    expect(ids).toEqual([...new Set(ids)]);
    expect(before.filter((id) => !ids.includes(id))).toEqual([]);
    const all = await idsIn(ann, circle);
    expect(ids).toEqual(all.slice(0, ids.length));
    await restored.stop();
    expect((await runCommand(['verify'], target.env)).code).toBe(0);
  },
  { timeout: 180_000 },
);
