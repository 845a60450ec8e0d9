import { expect, test } from 'vitest';
import { clientAddressOf } from '../../../../src/app/limits/client-address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7', undefined],
  [' 192.0.2.7 ', '192.0.2.7', undefined],
  ['192.0.2.7:5678', '192.0.2.7', undefined],
  ['::ffff:192.0.2.7', '192.0.2.7', undefined],
  ['::FFFF:192.0.2.7', '192.0.2.7', undefined],
  ['[::ffff:192.0.2.7]:443', '192.0.2.7', undefined],
  ['::ffff:c000:207', '192.0.2.7', undefined],
  ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7', undefined],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['[2001:db8:1:2::9]:8080', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['[2001:db8:1:2::9]', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8::9', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['unknown', 'unknown', undefined],
  ['', '', undefined],
  [undefined, '', undefined],
  ['x'.repeat(10_000), 'x'.repeat(64), undefined],
])('%s is the client %s of the site %s', (text, client, site) => {
  expect(clientAddressOf(text)).toEqual({ client, site });
});
