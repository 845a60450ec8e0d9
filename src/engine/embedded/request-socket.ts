import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type RequestHandler, requestMsMax, unansweredRequest } from '../storage.ts';

/** A socket in the data folder, which only its owner can open. */
const socketIn = (dataDir: string): string => join(dataDir, 'requests.sock');

/** The longest path that every system allows for a socket, in bytes. */
const pathMax = 103;
const requestMax = 65_536;

/** Whether a server can listen at this path. */
const fits = (path: string): boolean => Buffer.byteLength(path) <= pathMax;

/** Reads until the other side ends. Rejects if it sends too much, or nothing for too long. */
const received = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    socket.setTimeout(requestMsMax, () => socket.destroy(unansweredRequest()));
    socket.on('data', (part) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > requestMax) socket.destroy(new Error('too much data'));
    });
    socket.on('end', () => resolve(Buffer.concat(parts).toString()));
    socket.on('error', reject);
    socket.on('close', () => reject(unansweredRequest()));
  });

export type RequestSocket = { close(): Promise<void> };

const noSocket: RequestSocket = { close: async () => undefined };

const listening = async (server: Server, path: string): Promise<void> => {
  // Left by a process that was killed: this one holds the folder.
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
};

/**
 * Answers the requests of other processes: each connection carries one, up to its end, and the answer. Where there can
 * be no socket, warns and goes on without.
 */
export const answerRequestsIn = async (
  dataDir: string,
  handler: RequestHandler,
  onWarning: (line: string) => void,
): Promise<RequestSocket> => {
  const path = socketIn(dataDir);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    received(socket)
      .then(handler)
      .then((answer) => socket.end(answer))
      .catch(() => socket.destroy());
  });
  try {
    if (!fits(path)) throw new Error('its path is too long');
    await listening(server, path);
  } catch (error) {
    server.close();
    const { code, message } = error as NodeJS.ErrnoException;
    onWarning(
      `There can be no socket in ${dataDir} (${code ?? message}): oshi user can change accounts only while the server is stopped.`,
    );
    return noSocket;
  }
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
  if (!fits(path)) return undefined;
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
