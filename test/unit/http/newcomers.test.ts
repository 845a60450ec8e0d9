import { expect, test } from 'vitest';
import { Newcomers } from '../../../src/http/newcomers.ts';

const counted = (bounds: Partial<{ clientMax: number; siteMax: number; totalMax: number }>) => {
  const evicted: string[] = [];
  const newcomers = new Newcomers<string>({
    ...{ clientMax: 99, siteMax: 99, totalMax: 99, ...bounds },
    evict: (oldest) => void evicted.push(oldest),
  });
  const add = (names: string, client: string, site?: string): void => {
    for (const name of names) newcomers.add(name, { client, site });
  };
  return { newcomers, evicted, add };
};

test('with too many of one client its oldest makes room, and nobody else', () => {
  const { newcomers, evicted, add } = counted({ clientMax: 2 });
  add('ab', '192.0.2.1');
  add('cd', '192.0.2.2');
  add('ef', '192.0.2.1');
  expect([evicted, newcomers.size]).toEqual([['a', 'b'], 4]);
});

test('with too many of one site its oldest makes room, whatever its /64', () => {
  const { evicted, add } = counted({ siteMax: 3 });
  add('z', '192.0.2.1');
  for (const name of 'abcde') add(name, `2001:db8:0:${name}::/64`, '2001:db8:0::/48');
  add('f', '2001:db8:1:f::/64', '2001:db8:1::/48');
  expect(evicted).toEqual(['a', 'b']);
});

test('with too many in all the oldest makes room', () => {
  const { newcomers, evicted, add } = counted({ totalMax: 3 });
  for (const name of 'abcde') add(name, `192.0.2.${name}`);
  expect([evicted, newcomers.size]).toEqual([['a', 'b'], 3]);
});

test('one that has shown who it is does not count any more', () => {
  const { newcomers, evicted, add } = counted({ clientMax: 2, siteMax: 2, totalMax: 2 });
  add('ab', '2001:db8:0:1::/64', '2001:db8:0::/48');
  newcomers.remove('a');
  newcomers.remove('a');
  add('c', '2001:db8:0:1::/64', '2001:db8:0::/48');
  expect([evicted, newcomers.size]).toEqual([[], 2]);
});
