/** What a scan of a client's bytes came to. */
export type Scan = {
  /** Where the frame ends in the chunk, or the chunk's end if the frame goes on. */
  readonly end: number;
  /** Whether a whole frame ends there. */
  readonly isWhole: boolean;
};

const headerBytesMax = 14;
const opClose = 8;

/**
 * Follows the frames in a client's bytes (RFC 6455, section 5.2) without decoding them, so that they can be counted
 * and held back before the WebSocket library spends memory or time on them. What is malformed is left to the library.
 */
export class FrameScanner {
  /** Bytes of payload that the frames of the message at hand have announced so far. */
  messageBytes = 0;
  /** Into how many pieces the message at hand was cut so far: frames, and parts of frames that came by themselves. */
  pieces = 0;
  #opcode = 0;
  readonly #header = Buffer.alloc(headerBytesMax);
  #headerBytes = 0;
  #headerSize = 2;
  /** Bytes of the frame's payload still to come; undefined while its header is incomplete. */
  #left: number | undefined;
  #isFinal = false;

  /** Whether the frame at hand carries data, not control. */
  get isData(): boolean {
    return this.#opcode < opClose;
  }

  get isClose(): boolean {
    return this.#opcode === opClose;
  }

  /** Follows the frame that begins or goes on at `from`, at most to its end. */
  scan(chunk: Buffer, from: number): Scan {
    let at = from;
    if (this.#left === undefined) {
      at = this.#readHeader(chunk, from);
      if (this.#left === undefined) return { end: at, isWhole: false };
    } else if (this.isData) {
      this.pieces++;
    }
    const taken = Math.min(this.#left, chunk.length - at);
    this.#left -= taken;
    const isWhole = this.#left === 0;
    if (isWhole) this.#left = undefined;
    return { end: at + taken, isWhole };
  }

  /** Forgets the message at hand if the frame that has just ended was its last. */
  settle(): void {
    if (!(this.isData && this.#isFinal)) return;
    this.messageBytes = 0;
    this.pieces = 0;
  }

  /** Takes bytes of a header until it is whole; gives where it stopped. */
  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#headerBytes < this.#headerSize) {
      this.#header[this.#headerBytes++] = chunk[at++] ?? 0;
      if (this.#headerBytes === 2) this.#headerSize = this.#sizeOfHeader();
    }
    if (this.#headerBytes < this.#headerSize) return at;
    this.#begin();
    return at;
  }

  #sizeOfHeader(): number {
    const second = this.#header[1] ?? 0;
    const length = second & 0x7f;
    const mask = second & 0x80 ? 4 : 0;
    return 2 + mask + (length === 126 ? 2 : length === 127 ? 8 : 0);
  }

  #begin(): void {
    const first = this.#header[0] ?? 0;
    const length = (this.#header[1] ?? 0) & 0x7f;
    this.#opcode = first & 0x0f;
    this.#isFinal = (first & 0x80) !== 0;
    this.#left = length;
    if (length === 126) this.#left = this.#header.readUInt16BE(2);
    if (length === 127) this.#left = Number(this.#header.readBigUInt64BE(2));
    this.#headerBytes = 0;
    this.#headerSize = 2;
    if (!this.isData) return;
    this.messageBytes += this.#left;
    this.pieces++;
  }
}
