import { expect, test } from 'vitest';
import { AddressRates } from '../../../../src/app/limits/address-rates.ts';

test('what one of the two rates refuses costs nothing of the other [W16]', () => {
  const time = { ms: 0 };
  const now = () => time.ms;
  const rates = new AddressRates({ name: 'visits', burst: 2, everyMs: 1000, siteFactor: 2, now });
  const take = (client: string) => rates.take({ client, site: 'site' });
  // Refused by its own rate, a client takes nothing from its neighbours.
  expect(Array.from({ length: 9 }, () => take('a'))).toEqual([0, 0, ...Array(7).fill(1000)]);
  expect([take('b'), take('c')]).toEqual([0, 0]);
  // Refused by that of the site, it keeps what it has.
  expect([take('c'), take('c'), take('d')]).toEqual([500, 500, 500]);
  time.ms += 500;
  expect([take('c'), take('d')]).toEqual([0, 500]);
  expect(rates.take({ client: 'e', site: undefined })).toBe(0);
});
