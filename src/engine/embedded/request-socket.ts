import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { RequestHandler } from '../storage.ts';

/** A socket in the data folder, which only its owner can open. */
const socketIn = (dataDir: string): string => join(dataDir, 'requests.sock');

/** The longest path that every system allows for a socket, in bytes. */
const pathMax = 103;
const requestMax = 65_536;
const answerMsMax = 15_000;

/** Whether a server can listen in this folder. */
const hasRoom = (path: string): boolean => Buffer.byteLength(path) <= pathMax;

/** Reads until the other side ends. Rejects if it sends too much, or nothing for too long. */
const received = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    socket.setTimeout(answerMsMax, () => {
      socket.destroy(new Error(`the server did not answer within ${answerMsMax / 1000} s`));
    });
    socket.on('data', (part) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > requestMax) socket.destroy(new Error('too much data'));
    });
    socket.on('end', () => resolve(Buffer.concat(parts).toString()));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was cut')));
  });

export type RequestSocket = { close(): Promise<void> };

/**
 * Answers the requests of other processes: each connection carries one, up to its end, and the answer. Does nothing if
 * the path of the folder is too long for a socket; tells so.
 */
export const answerRequestsIn = async (
  dataDir: string,
  handler: RequestHandler,
  onWarning: (line: string) => void,
): Promise<RequestSocket> => {
  const path = socketIn(dataDir);
  if (!hasRoom(path)) {
    onWarning(
      `The path ${dataDir} is too long for a socket: oshi user can change accounts only while the server is stopped.`,
    );
    return { close: async () => undefined };
  }
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    received(socket)
      .then(handler)
      .then((answer) => socket.end(answer))
      .catch(() => socket.destroy());
  });
  // Left by a process that was killed: this one holds the folder.
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
};

const noServer: readonly unknown[] = ['ENOENT', 'ECONNREFUSED'];

/** Sends a request to the server that uses a folder. Undefined: no server listens there. */
export const requestTo = async (dataDir: string, text: string): Promise<string | undefined> => {
  const path = socketIn(dataDir);
  if (!hasRoom(path)) return undefined;
  const socket = connect({ path, allowHalfOpen: true });
  try {
    const answer = received(socket);
    socket.end(text);
    return await answer;
  } catch (error) {
    if (noServer.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  } finally {
    socket.destroy();
  }
};
