import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { embeddedStore } from '../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { edgeStage } from '../support/fixtures/edge-stage.ts';
import { countsAgree, unreadStep } from '../support/generators/unread-play.ts';

const parameters = { seed: 20_261_128, numRuns: 8, verbose: 1 } as const;

/** A read store in a folder of its own, gone when the test is. */
const freshStore = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oshi-unread-'));
  const readStore = await embeddedStore({ path: folder });
  onTestFinished(async () => {
    await readStore.close();
    await rm(folder, { recursive: true });
  });
  return readStore;
};

test(`unread in files, seed ${parameters.seed}: what is unread is what one counts by hand [H5]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(unreadStep, { minLength: 20, maxLength: 60, size: 'max' }),
      async (history) => {
        const stage = await edgeStage({ readStore: await freshStore() });
        await countsAgree(stage, history, (counted, recounted) =>
          expect(counted).toEqual(recounted),
        );
      },
    ),
    parameters,
  ));
