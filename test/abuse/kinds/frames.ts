import { clientFrame } from '../../support/doubles/client-frame.ts';
import { addressOf, openGreeted, openUpgraded, pause } from '../../support/fixtures/raw-socket.ts';
import type { Attack, Kind } from './kind.ts';

const socketsAtOnce = 4;

const repeated = (frame: Buffer, times: number): Buffer =>
  Buffer.concat(Array.from({ length: times }, () => frame));

/** Greeted sockets that send the same bytes as fast as they are taken, and come again when they are closed. */
const flood =
  (frames: Buffer, perWrite: number, what: string): Kind =>
  async ({ url, until, rogue }) => {
    let sockets = 0;
    let sent = 0;
    const lane = async (from: string): Promise<void> => {
      while (performance.now() < until) {
        const raw = await openGreeted(url, { token: rogue.token, from });
        sockets++;
        sent += (await raw.pour(frames, until)) * perWrite;
        raw.socket.destroy();
        await pause(5);
      }
    };
    await Promise.all(Array.from({ length: socketsAtOnce }, (_, index) => lane(addressOf(index))));
    return { did: `${sent.toLocaleString('en')} ${what} on ${sockets} sockets` };
  };

const pong = clientFrame('', { opcode: 10 });
const ping = clientFrame('ping', { opcode: 9 });
const text = JSON.stringify({ t: 'pong', n: 1 });
const inPieces = Buffer.concat([
  clientFrame(text, { fin: false }),
  repeated(clientFrame('', { opcode: 0, fin: false }), 200),
  clientFrame('', { opcode: 0 }),
]);

/** Sockets that never say hello, and send control frames. */
const pongsUnknown: Kind = async ({ url, until }) => {
  const frames = repeated(pong, 600);
  let sockets = 0;
  const lane = async (from: string): Promise<void> => {
    while (performance.now() < until) {
      const raw = await openUpgraded(url, from);
      sockets++;
      await raw.pour(frames, until);
      raw.socket.destroy();
      await pause(5);
    }
  };
  await Promise.all(Array.from({ length: socketsAtOnce }, (_, index) => lane(addressOf(index))));
  return { did: `pongs without hello on ${sockets} sockets` };
};

/** Sockets that go on sending behind the close that they caused. */
const afterClose: Kind = async ({ url, until }) => {
  const junk = repeated(clientFrame('{}'), 3000);
  let sockets = 0;
  const lane = async (from: string): Promise<void> => {
    while (performance.now() < until) {
      const raw = await openUpgraded(url, from);
      sockets++;
      raw.socket.write(clientFrame('nothing of the kind'));
      await raw.pour(junk, until);
      raw.socket.destroy();
      await pause(5);
    }
  };
  await Promise.all(Array.from({ length: socketsAtOnce }, (_, index) => lane(addressOf(index))));
  return { did: `data behind a close on ${sockets} sockets` };
};

/** Messages that are never finished, in tiny pieces, by sockets that never say hello. */
const unfinished: Kind = async ({ url, until }: Attack) => {
  const pieces = Buffer.concat([
    clientFrame('x', { fin: false }),
    repeated(clientFrame('x', { opcode: 0, fin: false }), 16_000),
  ]);
  let sockets = 0;
  while (performance.now() < until) {
    const raw = await openUpgraded(url, addressOf(sockets % 900));
    raw.socket.write(pieces);
    sockets++;
  }
  return { did: `${sockets} messages that were never finished` };
};

export const frameKinds = {
  pongs: flood(repeated(pong, 600), 600, 'pongs'),
  pings: flood(repeated(ping, 60), 60, 'pings'),
  fragments: flood(inPieces, 1, 'messages in 202 pieces'),
  texts: flood(repeated(clientFrame(text), 300), 300, 'text frames'),
  'pongs-unknown': pongsUnknown,
  'after-close': afterClose,
  unfinished,
} satisfies Record<string, Kind>;
