import type { Writable } from 'node:stream';
import * as library from 'ws';

const { Receiver, Sender } = library as unknown as {
  Receiver: new (options: { isServer: boolean }) => Writable;
  Sender: {
    frame(
      data: Buffer,
      options: { opcode: number; fin: boolean; mask: boolean; readOnly: boolean; rsv1: boolean },
    ): Buffer[];
  };
};

export type FrameOptions = {
  /** 0: goes on, 1: text, 2: binary, 8: close, 9: ping, 10: pong. */
  readonly opcode?: number;
  readonly fin?: boolean;
};

/** A WebSocket frame as the `ws` library's client sends it, masked. */
export const clientFrame = (
  payload: Buffer | string,
  { opcode = 1, fin = true }: FrameOptions = {},
): Buffer => {
  const data = Buffer.from(payload);
  return Buffer.concat(
    Sender.frame(data, { opcode, fin, mask: true, readOnly: true, rsv1: false }),
  );
};

/** The `ws` library's reader of a server; gives each message. */
export const serverReceiver = (onMessage: (data: Buffer, isBinary: boolean) => void): Writable => {
  const receiver = new Receiver({ isServer: true });
  receiver.on('message', onMessage);
  return receiver;
};
