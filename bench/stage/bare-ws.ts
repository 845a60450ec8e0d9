import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/**
 * What a bare `ws` server does: every text that comes is sent to everybody, a send each. Keeps nothing, or with the name
 * of a file appends each text to it, and flushes the file, before it sends.
 */
const [path] = process.argv.slice(2);
const file = path === undefined ? undefined : await open(path, 'a');
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', async (data: Buffer, isBinary) => {
    if (file) {
      await file.write(data);
      await file.datasync();
    }
    for (const each of sockets.clients) each.send(data, { binary: isBinary });
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
