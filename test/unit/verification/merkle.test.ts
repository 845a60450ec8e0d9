import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MerkleTree } from '../../../src/verification/merkle.ts';

const rootOf = (leaves: readonly Uint8Array[]): string => {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(Buffer.from(leaf).toString('latin1'));
  expect(tree.size).toBe(leaves.length);
  return tree.root().toString('hex');
};

/** RFC 9162, section 2.1.1, word by word. */
const defined = (leaves: readonly Uint8Array[]): Buffer => {
  const sha = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');
  const [first] = leaves;
  if (!first) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), first);
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return sha(Buffer.of(1), defined(leaves.slice(0, half)), defined(leaves.slice(half)));
};

/** The leaves and roots by which implementations of Certificate Transparency are tested. */
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));

test.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('%i leaves have the known root', (count, root) => {
  expect(rootOf(leaves.slice(0, count))).toBe(root);
});

test('any leaves have the root that RFC 9162 defines', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (some) => {
      expect(rootOf(some)).toBe(defined(some).toString('hex'));
    }),
    { seed: 9162, numRuns: 200 },
  );
});
