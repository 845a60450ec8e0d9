/** The result of a scan. */
export type Scan = {
  /** The end of the frame in the chunk, or of the chunk if the frame continues. */
  readonly end: number;
  /** Whether the frame is complete. */
  readonly isWhole: boolean;
};

const headerBytesMax = 14;
const opClose = 8;

/**
 * Tracks frames in a client's bytes (RFC 6455, section 5.2) without decoding them, so that they can be counted and held
 * back before the WebSocket library spends memory or time on them. Malformed frames are left to the library.
 */
export class FrameScanner {
  /** The payload bytes announced by the frames of the current message so far. */
  messageBytes = 0;
  /** The pieces of the current message so far: frames, and parts of frames that arrived separately. */
  pieces = 0;
  #opcode = 0;
  readonly #header = Buffer.alloc(headerBytesMax);
  #headerBytes = 0;
  #headerSize = 2;
  /** Remaining bytes of the frame's payload; undefined while its header is incomplete. */
  #left: number | undefined;
  #isFinal = false;

  /** Whether the current frame is a data frame, not a control frame. */
  get isData(): boolean {
    return this.#opcode < opClose;
  }

  get isClose(): boolean {
    return this.#opcode === opClose;
  }

  /** Scans the frame that starts or continues at `from`, at most to its end. */
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

  /** Resets the counts if the frame that has just ended completes the message. */
  settle(): void {
    if (!(this.isData && this.#isFinal)) return;
    this.messageBytes = 0;
    this.pieces = 0;
  }

  /** Reads bytes of a header until it is complete; returns where it stopped. */
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
