import type { Writable } from 'node:stream';
import * as library from 'ws';

const { Receiver } = library as unknown as {
  Receiver: new (options: { isServer: boolean }) => Writable;
};

/** The text messages that a client of the `ws` library makes of these bytes. */
export const received = (bytes: Buffer): string[] => {
  const messages: string[] = [];
  const receiver = new Receiver({ isServer: false });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    messages.push(isBinary ? 'binary' : data.toString());
  });
  receiver.write(bytes);
  return messages;
};
