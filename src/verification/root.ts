import { nextIteration } from '../runtime/timers.ts';
import type { Heads } from './heads.ts';
import { MerkleTree } from './merkle.ts';

/** Leaves that are hashed before yielding: a few milliseconds. */
const leavesAtOnce = 250;

const othersTurn = (): Promise<void> => nextIteration();

/**
 * The Merkle root (RFC 9162, section 2.1.1) over the heads of all aggregates, base64url. The leaves are the lines
 * `<aggregate> <n> <hash>` in ASCII, in the order of the aggregates' names. Nothing may be set meanwhile; `onLine` is
 * called with each line.
 */
export const rootOf = async (
  heads: Heads,
  onLine: (line: string) => void = () => {},
): Promise<string> => {
  const tree = new MerkleTree();
  const order = await heads.sorted(othersTurn);
  for (const entry of order) {
    const line = heads.lineAt(entry);
    tree.add(line);
    onLine(line);
    if (tree.size % leavesAtOnce === 0) await othersTurn();
  }
  return tree.root().toString('base64url');
};
