import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row that says what is kept, `_id` `newest`, and rows with portions of it. `_id`: `<generation>/<number>`. */
export const heads: CollectionSpec = { name: 'heads', indexes: [] };

/** The heads of all aggregates of a log at these places of its partitions. */
export type KeptHeads = {
  readonly incarnation: string;
  readonly positions: readonly number[];
  /** The Merkle root over the lines, base64url. */
  readonly root: string;
  /** Lines, many in each portion, joined by line feeds. */
  readonly portions: readonly string[];
};

const newestId = 'newest';
/** Two take turns: what is being written never is what is read at the next start. */
const generations = 2;

type Row = Omit<KeptHeads, 'portions'> & { readonly generation: number; readonly count: number };

/** The heads as of the last checkpoint, so that a server need not read the whole log when it starts. */
export const headState = (store: ReadStore) => ({
  load: async (): Promise<KeptHeads | undefined> => {
    const row = (await store.get(heads.name, newestId)) as Row | undefined;
    if (!row) return undefined;
    const portions: string[] = [];
    for (let number = 0; number < row.count; number++) {
      const portion = await store.get(heads.name, `${row.generation}/${number}`);
      if (typeof portion?.lines !== 'string') return undefined;
      portions.push(portion.lines);
    }
    const { incarnation, positions, root } = row;
    return { incarnation, positions, root, portions };
  },
  save: async ({ incarnation, positions, root, portions }: KeptHeads): Promise<void> => {
    const before = (await store.get(heads.name, newestId)) as Row | undefined;
    const generation = ((before?.generation ?? 0) + 1) % generations;
    for (const [number, lines] of portions.entries()) {
      await store.put(heads.name, { _id: `${generation}/${number}`, lines });
    }
    const facts = { incarnation, positions, root, generation, count: portions.length };
    await store.put(heads.name, { _id: newestId, ...facts });
  },
});

export type HeadState = ReturnType<typeof headState>;
