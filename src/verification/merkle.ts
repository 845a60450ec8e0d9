import { hash } from 'node:crypto';

const hashBytes = 32;

/** As a text of 32 characters, one for each byte: three times as fast as a buffer. */
const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

/**
 * The Merkle tree of RFC 9162, section 2.1.1, over leaves that arrive in order: only the root of each full subtree is
 * kept. SHA-256; a leaf is prefixed with a byte 0x00, two nodes with a byte 0x01.
 */
export class MerkleTree {
  /** Roots of full subtrees, each of more leaves than the next: one for each bit that is set in `size`. */
  readonly #roots: string[] = [];
  /** Reused for each hash: an allocation would cost as much as the hash. */
  #leaf = Buffer.alloc(256);
  readonly #node = Buffer.alloc(1 + 2 * hashBytes, 0x01);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf of ASCII text. */
  add(leaf: string): void {
    if (leaf.length >= this.#leaf.length) this.#leaf = Buffer.alloc(leaf.length * 2);
    this.#leaf.write(leaf, 1, 'latin1');
    let root = sha256(this.#leaf.subarray(0, leaf.length + 1));
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      root = this.#joined(this.#roots.pop() ?? root, root);
    }
    this.#roots.push(root);
    this.#size++;
  }

  /** The root over the leaves so far; without any, the hash of nothing. */
  root(): Buffer {
    const [last, ...others] = [...this.#roots].reverse();
    const root = others.reduce(
      (right, left) => this.#joined(left, right),
      last ?? sha256(Buffer.alloc(0)),
    );
    return Buffer.from(root, 'latin1');
  }

  #joined(left: string, right: string): string {
    this.#node.write(left, 1, 'latin1');
    this.#node.write(right, 1 + hashBytes, 'latin1');
    return sha256(this.#node);
  }
}
