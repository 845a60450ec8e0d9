import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { freePort } from '../../tools/servers/place.ts';
import { type ServerProcess, startServer } from '../../tools/servers/server-process.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { checker, kitText, run } from '../support/fixtures/deploy-kit.ts';
import { password } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { openStage } from '../support/fixtures/server-stage.ts';

type Proxy = { readonly url: string; readonly server: ServerProcess };

const caddy = await checker('caddy');
const nginx = await checker('nginx');
const openssl = await checker('openssl');

const proxyFolder = async (): Promise<{ dir: string; ports: [number, number] }> => ({
  dir: await mkdtemp(join(tmpdir(), 'oshi-proxy-')),
  ports: [await freePort(), await freePort()],
});

/** The kit's file for the name localhost, for which Caddy makes a certificate by itself. */
const startCaddy = async (oshi: string): Promise<Proxy> => {
  const { dir, ports } = await proxyFolder();
  const config = join(dir, 'Caddyfile');
  const [http, https] = ports;
  const site = kitText('caddy/Caddyfile')
    .replaceAll('{$DOMAIN:localhost}', 'localhost')
    .replaceAll('{$UPSTREAMS:127.0.0.1:8080}', new URL(oshi).host);
  const options = `admin off\nskip_install_trust\nhttp_port ${http}\nhttps_port ${https}\nstorage file_system ${dir}`;
  await writeFile(config, `{\n${options}\n}\n${site}`);
  const server = await startServer({
    ...{ name: 'caddy', program: caddy, dir, dirIsTemporary: true, port: https },
    args: ['run', '--adapter', 'caddyfile', '--config', config],
    url: `https://localhost:${https}`,
  });
  return { url: server.url, server };
};

/** The kit's file with other ports and a certificate of its own, inside the rest of a configuration. */
const startNginx = async (oshi: string): Promise<Proxy> => {
  const { dir, ports } = await proxyFolder();
  // Started by root, it works as another user.
  await chmod(dir, 0o711);
  const [http, https] = ports;
  const [certificate, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=localhost', '-keyout', key, '-out', certificate];
  await run(openssl, ['req', '-x509', ...kind, ...names]);
  const site = kitText('nginx/oshi.conf')
    .replaceAll(/^\tlisten \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${http};`)
    .replace('listen 443 ', `listen 127.0.0.1:${https} `)
    .replaceAll('chat.example.org', 'localhost')
    .replace('127.0.0.1:8080', new URL(oshi).host)
    .replace(/(?<=ssl_certificate ).*(?=;)/, certificate)
    .replace(/(?<=ssl_certificate_key ).*(?=;)/, key);
  const config = join(dir, 'nginx.conf');
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(dir, name)};`,
  );
  await writeFile(
    config,
    `daemon off; pid ${join(dir, 'pid')}; error_log stderr; events {}\nhttp {\naccess_log off; ${folders.join(' ')}\n${site}}\n`,
  );
  const args = ['-e', 'stderr', '-c', config, '-p', dir];
  await run(nginx, ['-t', ...args]);
  const server = await startServer({
    ...{ name: 'nginx', program: nginx, args, dir, dirIsTemporary: true, port: https },
    url: `https://localhost:${https}`,
  });
  return { url: server.url, server };
};

type Answer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  body: string;
};
type Sent = { readonly body?: object; readonly headers?: Record<string, string> };

/** An address of this machine that is not the proxy's, and one that a client may claim to have. */
const localAddress = '127.0.0.7';
const claimed = '203.0.113.9';

/** A request from `localAddress`, to a server whose certificate is not checked. */
const visit = async (
  url: string,
  method: string,
  { body, headers }: Sent = {},
): Promise<Answer> => {
  const sent = request(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    localAddress,
    family: 4,
    rejectUnauthorized: false,
  });
  sent.end(body && JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: await text(answer),
  };
};

const stage = await openStage('embedded');
const oshi = await stage.server();
afterAll(() => stage.close());

/** What a proxy must do so that Oshi works behind it as without one. */
const worksBehind = async ({ url, server }: Proxy): Promise<void> => {
  try {
    const page = (): Promise<boolean> =>
      visit(url, 'GET').then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(page, 'the page, once there is a certificate');
    expect(await visit(`${url}/metrics`, 'GET')).toMatchObject({ status: 404 });

    const username = `u${randomUUID().slice(0, 8)}`;
    const spoofed = { 'x-forwarded-for': claimed, 'x-forwarded-proto': 'http' };
    const origin = { origin: url, 'user-agent': username };
    const body = { username, password };
    const registered = await visit(`${url}/v1/users`, 'POST', {
      body,
      headers: { ...spoofed, ...origin },
    });
    expect(registered.status).toBe(201);
    const cookies = registered.headers['set-cookie'] ?? [];
    const cookie = cookies.find((each) => each.startsWith('__Host-oshi_session=')) ?? '';
    expect(cookie).toContain('; Secure');
    const headers = { cookie: cookie.split(';', 1).join(), origin: url };
    const options = { headers: { ...spoofed, ...headers }, rejectUnauthorized: false };
    const socket = await TestSocket.open(url, { ...options, localAddress, family: 4 });
    expect(await socket.ask({ t: 'hello', v: 1 })).toMatchObject({ t: 'ok' });
    const command = { id: uuid7(), name: 'Tea', visibility: 'public' };
    expect(await socket.command('create-circle', command)).toMatchObject({
      t: 'ok',
    });
    socket.socket.close();
    // The address of the client: not that of the proxy, and not the one that the client claims.
    const audit = ['audit', '--circle', command.id, '--addresses', '--json'];
    const recorded = async (): Promise<string> => (await runCommand(audit, stage.env)).stdout;
    await until(async () => (await recorded()).includes(`"${localAddress}"`), 'its address');
    expect(await recorded()).not.toContain(claimed);

    const large = { body: { text: 'x'.repeat(70_000) }, headers };
    const refused = await visit(`${url}/v1/circles`, 'POST', large);
    expect(refused.status, refused.body).toBe(413);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'too-large' });
    const larger = { body: { text: 'x'.repeat(300_000) }, headers };
    expect(await visit(`${url}/v1/circles`, 'POST', larger)).toMatchObject({ status: 413 });
  } finally {
    await server.stop();
  }
};

test.skipIf(caddy === '')('Oshi works behind Caddy', async () => {
  await worksBehind(await startCaddy(oshi.url));
});

test.skipIf(nginx === '' || openssl === '')('Oshi works behind nginx', async () => {
  await worksBehind(await startNginx(oshi.url));
});
