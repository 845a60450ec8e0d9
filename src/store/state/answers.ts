import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per command that was sent with a key. `_id`: `<user>/<key>`. */
export const answers: CollectionSpec = { name: 'answers', indexes: [{ expiresAt: 1 }] };

/** The first answer to a command. `sum` tells a different command under the same key apart. */
export type KeptAnswer = {
  readonly sum: string;
  readonly created: boolean;
  readonly body?: object;
};

const purgeAtOnce = 500;

/** The first answers to commands with a key, until the key expires. */
export const answerState = (store: ReadStore) => ({
  get: async (user: string, key: string): Promise<KeptAnswer | undefined> =>
    (await store.get(answers.name, `${user}/${key}`)) as (Document & KeptAnswer) | undefined,
  keep: (id: { user: string; key: string }, answer: KeptAnswer, expiresAt: number): Promise<void> =>
    store.put(answers.name, { _id: `${id.user}/${id.key}`, ...answer, expiresAt }),
  /** Removes everything that has expired; returns the number. */
  purge: async (now: number): Promise<number> => {
    const filter = { expiresAt: { $lt: now } };
    const options = { sort: { expiresAt: 1 }, limit: purgeAtOnce } as const;
    for (let count = 0; ; ) {
      const rows = await store.find(answers.name, filter, options);
      await Promise.all(rows.map(({ _id }) => store.remove(answers.name, _id)));
      count += rows.length;
      if (rows.length < purgeAtOnce) return count;
    }
  },
});
