import { isIP } from 'node:net';

/** The address of a client, in the form that limits count. */
export type ClientAddress = {
  /** An IPv4 address, or the /64 of an IPv6 address, which is what one subscriber gets. */
  readonly client: string;
  /** The /48 of an IPv6 address, which is what one site gets; undefined for IPv4. */
  readonly site: string | undefined;
};

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The address without a port, brackets or zone, as `X-Forwarded-For` may carry them. */
const bare = (text: string): string => {
  const inBrackets = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const withoutPort = inBrackets ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return withoutPort.split('%', 1).join('');
};

/** The eight groups of an IPv6 address as the URL standard writes them: lower case, no leading zeros. */
const groupsOf = (address: string): string[] => {
  const compact = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = compact.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
};

/**
 * The definition of a client's address that all limits share. An IPv4-mapped IPv6 address is the IPv4 address. A
 * malformed one, as a proxy may send, counts as one client under its own text, and so does a client that is gone
 * already.
 */
export const clientAddressOf = (text: string | undefined): ClientAddress => {
  const address = bare((text ?? '').trim());
  const v4 = mapped.exec(address)?.[1] ?? address;
  if (isIP(v4) !== 6) return { client: v4.slice(0, 64), site: undefined };
  const groups = groupsOf(v4);
  // `::ffff:0102:0304` is 1.2.3.4, however it is written.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    const bytes = groups.slice(6).flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 255];
    });
    return { client: bytes.join('.'), site: undefined };
  }
  return {
    client: `${groups.slice(0, 4).join(':')}::/64`,
    site: `${groups.slice(0, 3).join(':')}::/48`,
  };
};
