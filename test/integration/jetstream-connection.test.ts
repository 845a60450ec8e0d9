import { afterEach, expect } from 'vitest';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { tcpProxy } from '../support/doubles/tcp-proxy.ts';
import { natsUrl, startOwnNats, testWithNats } from '../support/fixtures/servers.ts';

let server: ServerProcess | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

testWithNats('what the server does not promise, or does not say, is told', async () => {
  const { nc, warning } = await connectNats(natsUrl());
  const isOld = nc.info?.version.startsWith('2.9.') ?? false;
  expect(warning).toContain(isOld ? 'run 2.10 or later' : 'without "sync_interval: always"');
  expect(warning).toContain('a power cut can lose acknowledged messages');
  await nc.close();
});

testWithNats('where nobody listens, that is said', async () => {
  await expect(connectNats('nats://me:secret@127.0.0.1:1')).rejects.toThrow(
    /^no NATS server answers at nats:\/\/127\.0\.0\.1:1 \(.*\): start it, or correct its address\.$/,
  );
});

testWithNats('a port that says nothing is given up', async () => {
  const silent = await tcpProxy(Number(new URL(natsUrl()).port));
  silent.swallowReplies();
  await expect(
    connectNats(`nats://127.0.0.1:${silent.port}`, { connectMsMax: 300 }),
  ).rejects.toThrow('no NATS server answers');
  await silent.close();
});

testWithNats('what is no address is refused before anything is sent', async () => {
  for (const url of ['http://localhost:4222', 'nats://', '']) {
    await expect(connectNats(url)).rejects.toThrow('must look like nats://host:4222');
  }
});

testWithNats('a server without JetStream is refused', async () => {
  server = await startOwnNats({ jetstream: false });
  await expect(connectNats(server.url)).rejects.toThrow('has JetStream disabled: enable it');
});

testWithNats(
  'credentials go with the address, and wrong ones are told without showing them',
  async () => {
    server = await startOwnNats({
      extraConfig: 'authorization { user: oshi, password: "p@ss:word" }',
    });
    const host = `127.0.0.1:${server.port}`;
    const { nc } = await connectNats(`nats://oshi:${encodeURIComponent('p@ss:word')}@${host}`);
    await nc.close();
    for (const login of ['', 'oshi:wrong@', 'token@']) {
      const refusal = connectNats(`nats://${login}${host}`);
      await expect(refusal).rejects.toThrow(
        `the NATS server at nats://${host} refuses the credentials: correct the user and password, or the token, in OSHI_NATS_URL, or set OSHI_NATS_CREDENTIALS.`,
      );
    }
  },
);

testWithNats('a token goes with the address', async () => {
  server = await startOwnNats({ extraConfig: 'authorization { token: "open-sesame" }' });
  const { nc } = await connectNats(`nats://open-sesame@127.0.0.1:${server.port}`);
  await nc.close();
});

testWithNats('a server that takes no large messages is refused', async () => {
  server = await startOwnNats({ extraConfig: 'max_payload: 65536' });
  await expect(connectNats(server.url)).rejects.toThrow('set its max_payload to 266240 or more.');
});
