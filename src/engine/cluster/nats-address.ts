import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator } from '@nats-io/transport-node';
import type { NatsFiles, NatsFileVariable } from '../../config.ts';
import { defined } from '../../runtime/defined.ts';

/** Where to connect to, and how to authenticate. */
export type NatsAddress = {
  /** Without credentials, so that no message can contain them. */
  readonly servers: string[];
  readonly login: Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>;
};

/**
 * The address in a URL and the files that belong to it. Throws one line that names the setting if one of them cannot
 * be used; it never contains a part of the URL that may be secret.
 */
export const addressOf = (text: string, files: NatsFiles): NatsAddress => {
  const parts = text.split(',');
  const urls = parts.map(urlOf);
  // The first part would be the beginning of a password with a comma.
  if (!parts[0]?.includes('@') && parts.some((part) => /^[^/]*@/.test(part))) throw malformed();
  const tls = tlsOf(files);
  const isSecure = tls !== undefined || urls.some(({ protocol }) => protocol === 'tls:');
  const credentials = credentialsOf(files);
  const password = passwordOf(urls);
  if (credentials && password) {
    throw new Error(
      'OSHI_NATS_URL contains a password or token, and OSHI_NATS_CREDENTIALS is set: use one of them.',
    );
  }
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    login: { ...password, ...credentials, ...(isSecure && { tls: tls ?? {} }) },
  };
};

const urlOf = (part: string): URL => {
  const full = part.includes('://') ? part.trim() : `nats://${part.trim()}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const isNats = url?.protocol === 'nats:' || url?.protocol === 'tls:';
  // The rest of an address would be a part of a password with a character that has to be escaped.
  if (url && isNats && url.hostname && !/[/?#]./.test(url.href.slice(url.protocol.length + 2))) {
    return url;
  }
  throw malformed();
};

const malformed = (): Error =>
  new Error(
    'the address of the NATS server must look like nats://host:4222 or nats://user:password@host:4222, with special characters of the password percent-encoded: correct OSHI_NATS_URL.',
  );

type Password = Pick<ConnectionOptions, 'user' | 'pass' | 'token'>;

/** The user and password, or the token, which all servers have in common. */
const passwordOf = (urls: readonly URL[]): Password | undefined => {
  const found = urls.filter(({ username, password }) => username !== '' || password !== '');
  const [first, ...others] = found.map(({ username, password }) => [username, password] as const);
  if (!first) return undefined;
  const [user, pass] = first;
  if (others.some((other) => other.join(':') !== first.join(':'))) {
    throw new Error(
      'the addresses in OSHI_NATS_URL contain different passwords: all servers of a cluster must accept the same one.',
    );
  }
  try {
    if (pass === '') return { token: decodeURIComponent(user) };
    return { user: decodeURIComponent(user), pass: decodeURIComponent(pass) };
  } catch (cause) {
    throw new Error(
      'the user, password or token in OSHI_NATS_URL is not percent-encoded: write a percent sign as %25.',
      { cause },
    );
  }
};

const textIn = (path: string, setting: NatsFileVariable): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`${setting}: ${path} cannot be read (${code}).`, { cause });
  }
};

/** Parses the file of a setting, and throws one line if it is not what it should be. */
const parsed = <T>(
  [setting, path]: readonly [NatsFileVariable, string],
  what: string,
  parse: (text: string) => T,
): T => {
  const text = textIn(path, setting);
  try {
    return parse(text);
  } catch (cause) {
    throw new Error(`${setting}: ${path} does not contain ${what}.`, { cause });
  }
};

/** The file is read again for each connection, so that a renewed one is used; if it cannot be, the last one is. */
const credentialsOf = ({
  OSHI_NATS_CREDENTIALS: path,
}: NatsFiles): Pick<ConnectionOptions, 'authenticator'> | undefined => {
  if (path === undefined) return undefined;
  const what = 'a user JWT and its seed, as nsc generates them';
  const read = (): Uint8Array =>
    parsed(['OSHI_NATS_CREDENTIALS', path], what, (text) => {
      const bytes = new TextEncoder().encode(text);
      credsAuthenticator(bytes)('nonce');
      return bytes;
    });
  let newest = read();
  const renewed = (): Uint8Array => {
    try {
      newest = read();
    } catch {
      // An error would close the connection permanently.
    }
    return newest;
  };
  return { authenticator: credsAuthenticator(renewed) };
};

/** The client reads these files for each connection, too. */
const tlsOf = (files: NatsFiles): ConnectionOptions['tls'] | undefined => {
  const { OSHI_NATS_TLS_CA: caFile, OSHI_NATS_TLS_CERT: certFile } = files;
  const { OSHI_NATS_TLS_KEY: keyFile } = files;
  if (caFile === undefined && certFile === undefined) return undefined;
  const certificate = (text: string): X509Certificate => new X509Certificate(text);
  if (caFile !== undefined) {
    parsed(['OSHI_NATS_TLS_CA', caFile], 'a certificate in PEM format', certificate);
  }
  if (certFile !== undefined && keyFile !== undefined) {
    const what = 'a certificate in PEM format';
    const own = parsed(['OSHI_NATS_TLS_CERT', certFile], what, certificate);
    const key = parsed(
      ['OSHI_NATS_TLS_KEY', keyFile],
      'a private key in PEM format without a passphrase',
      createPrivateKey,
    );
    if (!own.checkPrivateKey(key)) {
      throw new Error(
        `OSHI_NATS_TLS_KEY: ${keyFile} is not the key of the certificate in ${certFile}.`,
      );
    }
  }
  return defined({ caFile, certFile, keyFile });
};
