const opText = 0x81;
const length16 = 126;
const length64 = 127;

/**
 * A text as one unmasked WebSocket frame (RFC 6455, section 5.2), which can be written to any number of sockets, so that
 * it is encoded once.
 */
export const textFrame = (text: string): Buffer => {
  const size = Buffer.byteLength(text);
  const head = size < length16 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = opText;
  if (head === 2) {
    frame[1] = size;
  } else if (head === 4) {
    frame[1] = length16;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = length64;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, head);
  return frame;
};
