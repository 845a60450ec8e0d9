/** A well mixed hash of 32 bits: FNV-1a with the finalizer of MurmurHash3. */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * The node that should run each partition: rendezvous hashing, with at most an equal share per node. Every node
 * computes the same from the same set of nodes. Without nodes there is no entry.
 */
export const desiredOwners = (nodes: readonly string[], partitions: number): string[] => {
  const shareMax = Math.ceil(partitions / nodes.length);
  const shares = new Map(nodes.map((node) => [node, 0]));
  return Array.from({ length: nodes.length > 0 ? partitions : 0 }, (_, partition) => {
    const ranked = nodes
      .filter((node) => (shares.get(node) ?? 0) < shareMax)
      .map((node) => ({ node, rank: hash(`${partition} ${node}`) }))
      .sort((a, b) => b.rank - a.rank || (a.node < b.node ? -1 : 1));
    const node = ranked[0]?.node ?? '';
    shares.set(node, (shares.get(node) ?? 0) + 1);
    return node;
  });
};
