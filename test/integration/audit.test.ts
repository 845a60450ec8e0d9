import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbRawLog } from '../../src/engine/embedded/lmdb-log/raw-log.ts';
import { decode } from '../../src/events/codec.ts';
import { lastOf } from '../../src/events/commit.ts';
import type { RawCommit } from '../../src/events/raw-log.ts';
import { messages } from '../../src/projections/models/messages.ts';
import { users } from '../../src/projections/models/users.ts';
import { collectionOf } from '../../src/projections/projection.ts';
import type { Document } from '../../src/store/documents.ts';
import { signed } from '../../src/verification/checkpoint.ts';
import { history } from '../../tools/seed/history.ts';
import { write } from '../../tools/seed/writing.ts';
import { type AuditStage, openAuditStage, rechained } from '../support/fixtures/audit-stage.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';
import type { EngineName } from '../support/fixtures/server-stage.ts';
import { describeWithServers } from '../support/fixtures/servers.ts';

const text = ({ bytes }: RawCommit): string => Buffer.from(bytes).toString();

/** The first commit that is followed by another one of its aggregate. */
const followed = (commits: readonly RawCommit[]): number =>
  commits.findIndex(({ aggregate }, at) =>
    commits.slice(at + 1).some((later) => later.aggregate === aggregate),
  );

/** The next commit of the aggregate of the one at a place in a list. */
const nextOf = (commits: readonly RawCommit[], at: number): number =>
  commits.findIndex((raw, later) => later > at && raw.aggregate === commits[at]?.aggregate);

const at = (commits: readonly RawCommit[], index: number): RawCommit => {
  const found = commits[index];
  if (!found) throw new RangeError(`no commit ${index}`);
  return found;
};

const someDocument = async (stage: AuditStage, collection: string): Promise<Document> => {
  const store = await stage.openStore();
  const [document] = await store.find(collection, {}, { limit: 1 });
  await store.close();
  if (!document) throw new Error(`${collection} is empty`);
  return document;
};

let stage: AuditStage;

/** The codes of what is found, once each. */
const found = async (checkpoints?: Parameters<AuditStage['verify']>[0]): Promise<string[]> =>
  Object.keys((await stage.verify(checkpoints)).findings.counts).sort();

const changedCommits = (): void => {
  test('one bit of a text is another: the next commit does not bear its hash', async () => {
    const partition = await stage.busiest();
    let aggregate = '';
    await stage.rewrite(partition, (commits) => {
      const flipped = followed(commits);
      aggregate = at(commits, flipped).aggregate;
      return commits.map((raw, index) => {
        const bytes = Buffer.from(raw.bytes);
        // A digit of the time of the first event.
        const place = bytes.indexOf('"at":') + 17;
        if (index === flipped) bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
        return { ...raw, bytes };
      });
    });
    const { findings } = await stage.verify();
    expect(findings.counts['broken-chain']).toBe(1);
    expect(findings.kept).toContainEqual(
      expect.objectContaining({ code: 'broken-chain', aggregate }),
    );
  });

  test('one bit makes a commit unreadable: it is named, once', async () => {
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) =>
      commits.map((raw, index) => {
        const bytes = Buffer.from(raw.bytes);
        if (index === 3) bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
        return { ...raw, bytes };
      }),
    );
    const { findings } = await stage.verify();
    expect(findings.counts.unreadable).toBe(1);
    expect(findings.counts['broken-chain']).toBeUndefined();
    expect(findings.kept).toContainEqual(
      expect.objectContaining({ code: 'unreadable', position: `${partition}:4` }),
    );
  });

  test('one commit is left out of a rewritten log: its aggregate has a gap', async () => {
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) => commits.toSpliced(followed(commits), 1));
    expect(await found()).toContain('gap');
  });
};

const lostCommits = (): void => {
  test('one commit is removed by the means of the engine', async () => {
    const partition = await stage.busiest();
    const commits = await stage.commits(partition);
    await stage.remove(partition, at(commits, commits.length - 3));
    expect(await found()).toContain(stage.engine === 'embedded' ? 'index' : 'missing');
  });

  test('two commits of one aggregate change places', async () => {
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) => {
      const [one, other] = [followed(commits), nextOf(commits, followed(commits))];
      return commits.with(one, at(commits, other)).with(other, at(commits, one));
    });
    const { findings } = await stage.verify();
    expect(findings.counts.gap).toBeGreaterThanOrEqual(2);
  });

  test('commits of two aggregates change places: the read models tell', async () => {
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) => {
      const isPost = (raw: RawCommit): boolean => text(raw).includes('"message-posted"');
      const one = commits.findIndex(isPost);
      const other = commits.findIndex(
        (raw) => isPost(raw) && raw.aggregate !== at(commits, one).aggregate,
      );
      return commits.with(one, at(commits, other)).with(other, at(commits, one));
    });
    expect(await found()).toContain('differs');
  });

  test('a kind of event that nobody knows', async () => {
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) =>
      rechained(commits, (json, raw) =>
        raw === commits[5] ? json.replace(/"k":"[a-z-]+"/, '"k":"cake-baked"') : json,
      ),
    );
    const { findings } = await stage.verify();
    expect(findings.counts['unknown-kind']).toBe(1);
    expect(findings.kept[0]?.message).toContain('cake-baked');
  });

  test('its end is cut off: the read models are ahead of it', async () => {
    const partition = await stage.busiest();
    const checkpoint = await stage.checkpoint();
    await stage.rewrite(partition, (commits) => commits.slice(0, -5));
    expect(await found()).toContain('ahead');
    expect(await found([checkpoint])).toContain('cut-off');
  });
};

const checkpoints = (): void => {
  test('tells of a log that was rewritten as a whole, with chains that are right', async () => {
    const checkpoint = await stage.checkpoint();
    const partition = await stage.busiest();
    await stage.rewrite(partition, (commits) =>
      rechained(commits, (json) => json.replaceAll(/"text":"[^"\\]/g, '"text":"#')),
    );
    const codes = await found([checkpoint]);
    expect(codes).toContain('rewritten');
    for (const code of ['gap', 'broken-chain', 'unreadable']) expect(codes).not.toContain(code);
  });

  test('fits a log that has grown, and each of several', async () => {
    const made = [await stage.checkpoint()];
    const { log, close } = await stage.openLog();
    const [draft] = [...history({ events: 10, seed: 99 })].flat();
    if (!draft) throw new Error('an empty history');
    await write(log, [[draft]], () => {});
    await close();
    made.push(await stage.checkpoint());
    const { findings, checkpoints: compared } = await stage.verify(made);
    expect(findings.counts).toEqual({});
    expect(compared).toBe(2);
  });

  test('is known by its signature, its key and its log', async () => {
    const checkpoint = await stage.checkpoint();
    expect(await found([{ ...checkpoint, heads: checkpoint.heads + 1 }])).toEqual(['forged']);
    const other = { ...checkpoint, incarnation: 'other' };
    expect(await found([signed(other, stage.key)])).toEqual(['other-log']);
    const wrong = signed({ ...checkpoint, root: 'AAAA' }, stage.key);
    expect(await found([wrong])).toEqual(['rewritten']);
  });
};

const readModels = (): void => {
  const collection = collectionOf(messages);

  test('a document that was changed by hand: the field, and both values', async () => {
    const { _id } = await someDocument(stage, collection);
    await stage.tamper(async (store) => {
      await store.update(collection, _id, { $set: { by: 'somebody else' } });
    });
    const { findings } = await stage.verify();
    expect(findings.kept).toEqual([
      expect.objectContaining({
        ...{ code: 'differs', collection, id: _id, field: 'by', live: 'somebody else' },
        rebuilt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
    ]);
  });

  test('a document that was removed', async () => {
    const { _id: id } = await someDocument(stage, collection);
    await stage.tamper((store) => store.remove(collection, id));
    const { findings } = await stage.verify();
    expect(findings.kept).toEqual([expect.objectContaining({ code: 'lost', collection, id })]);
  });

  test('a document too many', async () => {
    const document = await someDocument(stage, collectionOf(users));
    const added = { ...document, _id: 'nobody' };
    await stage.tamper((store) => store.put(collectionOf(users), added));
    const { findings } = await stage.verify();
    expect(findings.kept).toEqual([
      expect.objectContaining({ code: 'extra', collection: collectionOf(users), id: 'nobody' }),
    ]);
  });

  test('a document older than its checkpoint, whatever it says', async () => {
    const partition = await stage.busiest();
    const { _id, ...rest } = await someDocument(stage, collection);
    const applied = { [`${partition}`]: 1 };
    await stage.tamper((store) => store.put(collection, { _id, ...rest, _applied: applied }));
    expect(await found()).toEqual(['behind']);
    const ahead = Object.fromEntries(
      Object.entries(Object(rest._applied)).map(([key, place]) => [key, Number(place) + 1]),
    );
    await stage.tamper((store) => store.put(collection, { _id, ...rest, _applied: ahead }));
    expect(await found()).toEqual(['ahead']);
  });

  test('a model of another log', async () => {
    await stage.tamper((store) =>
      store.put('origins', { _id: collection, incarnation: 'another' }),
    );
    expect(await found()).toEqual(['another-log']);
  });

  test('thousands of differences are counted, and the first named', async () => {
    await stage.tamper(async (store) => {
      const rows = await store.find(collection, {}, { limit: 100 });
      for (const { _id } of rows) await store.update(collection, _id, { $set: { n: 0 } });
    });
    const { findings } = await stage.verify();
    expect(findings.counts).toEqual({ differs: 100 });
    expect(findings.kept).toHaveLength(20);
  });
};

const suite = (engine: EngineName): void => {
  beforeEach(async () => {
    stage = await openAuditStage(engine);
  });
  afterEach(() => stage.close());

  test('of what is whole, nothing is found', async () => {
    const before = await stage.checkpoint();
    const { findings, ...verified } = await stage.verify([before]);
    expect(findings.counts).toEqual({});
    expect(verified).toMatchObject({ events: 600, checkpoints: 1, holes: { count: 0 } });
    expect(verified.models?.documents).toBeGreaterThan(100);
    expect(verified.models?.notBuilt).toEqual([]);
  });

  describe('changes of the log', changedCommits);
  describe('losses of the log', lostCommits);
  describe('a checkpoint', checkpoints);
  describe('the read models', readModels);
};

describe('embedded', () => suite('embedded'));
describeWithServers('cluster', () => suite('cluster'));

describe('the file of the embedded log', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    const log = await openLmdbLog({ path: folder.path });
    await write(log, history({ events: 300, seed: 1 }), () => {});
    await log.close();
  });
  afterEach(() => folder.remove());

  test('cut off: it is damaged, which can be told from there being none', async () => {
    const file = join(folder.path, 'log.mdb');
    await truncate(file, Math.floor((await readFile(file)).length / 2));
    await expect(openLmdbRawLog(folder.path)).rejects.toMatchObject({ isDamage: true });
    await expect(openLmdbRawLog(join(folder.path, 'none'))).rejects.toMatchObject({
      isDamage: false,
    });
  });

  test('a byte that is flipped within a text is read, for the chain to tell', async () => {
    const file = join(folder.path, 'log.mdb');
    const bytes = await readFile(file);
    const place = bytes.lastIndexOf('"text":"') + 8;
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    await writeFile(file, bytes);
    const raw = await openLmdbRawLog(folder.path);
    let last = 0;
    for await (const batch of raw.scan(0, { after: 0, upTo: await raw.head(0) })) {
      for (const { bytes: kept } of batch) last = Math.max(last, lastOf(decode(kept)));
    }
    expect(last).toBeGreaterThan(0);
    await raw.close();
  });
});
