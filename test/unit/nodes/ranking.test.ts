import fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredOwners } from '../../../src/nodes/ranking.ts';

const nodeSets = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 });

test('every node computes the same, and none gets more than an equal share', () => {
  fc.assert(
    fc.property(nodeSets, fc.integer({ min: 1, max: 64 }), (nodes, partitions) => {
      const owners = desiredOwners(nodes, partitions);
      expect(owners).toHaveLength(partitions);
      expect(desiredOwners([...nodes].reverse(), partitions)).toEqual(owners);
      for (const node of nodes) {
        const share = owners.filter((owner) => owner === node).length;
        expect(share).toBeLessThanOrEqual(Math.ceil(partitions / nodes.length));
      }
      expect(nodes).toEqual(expect.arrayContaining(owners));
    }),
  );
});

test('without nodes nothing has an owner', () => {
  expect(desiredOwners([], 8)).toEqual([]);
});

test('when a node comes or goes, most partitions stay where they are', () => {
  const [newest = '', ...others] = Array.from({ length: 6 }, (_, n) => `node ${n}`);
  const before = desiredOwners(others, 240);
  const after = desiredOwners([newest, ...others], 240);
  const moved = before.filter((owner, partition) => after[partition] !== owner).length;
  expect(after.filter((owner) => owner === newest)).toHaveLength(40);
  expect(moved).toBeLessThan(120);
});
