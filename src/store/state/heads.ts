import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row with the position, `_id` `newest`, and rows with parts of the lines. `_id`: `<generation>/<number>`. */
export const heads: CollectionSpec = { name: 'heads', indexes: [] };

/** The heads of all aggregates of a log at these positions of its partitions. */
export type KeptHeads = {
  readonly incarnation: string;
  readonly positions: readonly number[];
  /** The Merkle root over the lines, base64url. */
  readonly root: string;
  /** Lines, many in each part, joined by line feeds. */
  readonly parts: readonly string[];
};

const newestId = 'newest';
/** Two generations alternate: the one that is being written is never the one that is read at the next start. */
const generations = 2;

type Row = Omit<KeptHeads, 'parts'> & { readonly generation: number; readonly count: number };

/** The heads as of the last checkpoint, so that a server need not read the whole log when it starts. */
export const headState = (store: ReadStore) => ({
  load: async (): Promise<KeptHeads | undefined> => {
    const row = (await store.get(heads.name, newestId)) as Row | undefined;
    if (!row) return undefined;
    const parts: string[] = [];
    for (let number = 0; number < row.count; number++) {
      const part = await store.get(heads.name, `${row.generation}/${number}`);
      if (typeof part?.lines !== 'string') return undefined;
      parts.push(part.lines);
    }
    const { incarnation, positions, root } = row;
    return { incarnation, positions, root, parts };
  },
  save: async ({ incarnation, positions, root, parts }: KeptHeads): Promise<void> => {
    const before = (await store.get(heads.name, newestId)) as Row | undefined;
    const generation = ((before?.generation ?? 0) + 1) % generations;
    for (const [number, lines] of parts.entries()) {
      await store.put(heads.name, { _id: `${generation}/${number}`, lines });
    }
    const facts = { incarnation, positions, root, generation, count: parts.length };
    await store.put(heads.name, { _id: newestId, ...facts });
  },
});

export type HeadState = ReturnType<typeof headState>;
