import { connect } from 'node:net';
import { errors } from '@nats-io/transport-node';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { NatsAddress } from './nats-address.ts';
import { type TlsFailure, tlsFailureOf } from './tls-failure.ts';

const tlsRemedies: Readonly<Record<TlsFailure, string>> = {
  untrusted:
    'its certificate is not trusted: set OSHI_NATS_TLS_CA to the certificate of its authority.',
  'other-name': 'its certificate is for other names: use one of them in OSHI_NATS_URL.',
  expired: 'its certificate is not valid now: renew it, or correct the clock of this machine.',
  rejected:
    'it requires a client certificate that it trusts: set or correct OSHI_NATS_TLS_CERT and OSHI_NATS_TLS_KEY.',
};

/** Why a connection to NATS has failed, and what to do, in one line. */
export const reasonOf = async (
  cause: unknown,
  { servers, login }: NatsAddress,
): Promise<string> => {
  const at = servers.join(',');
  if (
    cause instanceof errors.AuthorizationError ||
    cause instanceof errors.UserAuthenticationExpiredError
  ) {
    const remedy = login.authenticator
      ? 'correct or renew OSHI_NATS_CREDENTIALS'
      : 'correct the user and password, or the token, in OSHI_NATS_URL, or set OSHI_NATS_CREDENTIALS';
    return `the NATS server at ${at} refuses the credentials: ${remedy}.`;
  }
  const failure = tlsFailureOf(cause) ?? ((await wantCertificate(servers)) && 'rejected');
  const why = cause instanceof Error ? cause.message : String(cause);
  if (failure) {
    return `no TLS connection to the NATS server at ${at} (${why}): ${tlsRemedies[failure]}`;
  }
  return `no NATS server answers at ${at} (${why}): start it, or correct its address.`;
};

/** A server that rejects the client's certificate just disconnects, so the servers are asked whether they want one. */
const wantCertificate = async (servers: readonly string[]): Promise<boolean> =>
  (await Promise.all(servers.map(wantsCertificate))).includes(true);

const greetingMsMax = 3_000;

/** Whether a server requires client certificates, by its greeting, which it sends before TLS. */
const wantsCertificate = (server: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(server);
    const socket = connect(Number(port || 4222), hostname.replace(/^\[(.*)\]$/, '$1'));
    const timer = setTimeout(() => socket.destroy(), greetingMsMax);
    let greeting = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      greeting += text;
      if (greeting.includes('\n')) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(/^INFO .*"tls_verify":\s*true/.test(greeting));
    });
  });
