import { connect } from 'node:net';

/** How long a server may leave a request unanswered that it has whole, in ms. */
const patienceMs = 20_000;

/** How long a server is left alone with what may be the beginning of a request, in ms. */
const quietMs = 400;

/**
 * Sends bytes over a connection of their own; gives all that comes back, once the server has closed the connection.
 * What is answered by nothing for a while may be half a request: then this side ends it.
 */
export const sendRaw = (url: string, bytes: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const parts: Buffer[] = [];
    socket.setTimeout(patienceMs, () => {
      socket.destroy();
      reject(new Error(`no answer to ${JSON.stringify(bytes.toString('latin1').slice(0, 200))}`));
    });
    const quiet = setTimeout(() => socket.end(), quietMs);
    socket.on('data', (part) => {
      // It may have been asked to go on, by a status of 100.
      quiet.refresh();
      parts.push(part);
    });
    // A server may close before it has read everything.
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(quiet);
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    socket.write(bytes);
  });

/** The statuses of all answers in what came back. */
export const statusesIn = (answers: string): number[] =>
  [...answers.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
