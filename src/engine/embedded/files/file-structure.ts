import { damaged } from '../../../events/store-refused.ts';
import {
  type CheckedFile,
  checking,
  type Meta,
  readAt,
  readMeta,
  type Tree,
  treeAt,
  treeBytes,
} from './file-check.ts';

/** Offsets and flags within a page of LMDB's data format 2, 64 bit; offsets of nodes count from the header's end. */
const headerBytes = 24;
const nodeBytes = 8;
const branchFlag = 0x01;
const leafFlag = 0x02;
const overflowNode = 0x01;
const databaseNode = 0x02;
const depthMax = 32;

/** Up to this size a file is checked leaf by leaf; beyond, by its branches, unless it is shorter than it should be. */
const thoroughBytes = 32 * 1024 * 1024;

type Page = { readonly number: number; readonly bytes: Buffer };

type Node = { readonly flags: number; readonly number: number; readonly data: Buffer };

/** Walks the trees of a file and throws `StoreRefused` at an invalid page. */
class Walk {
  readonly #file: CheckedFile;
  readonly #meta: Meta;
  readonly #thorough: boolean;
  #pagesLeft: number;

  constructor(file: CheckedFile, meta: Meta) {
    this.#file = file;
    this.#meta = meta;
    const full = (meta.lastPage + 1) * meta.pageBytes;
    this.#thorough = file.bytes < full || file.bytes <= thoroughBytes;
    this.#pagesLeft = meta.lastPage + 1;
  }

  tree({ root, depth }: Tree, isList: boolean): void {
    if (depth === 0) return;
    if (depth > depthMax) throw this.#broken(`a tree of depth ${depth}`);
    this.#descend(root, depth, isList);
  }

  /** Throws if a tree that each transaction changes has a root page that is older than the newest transaction. */
  newestRoot({ root, depth }: Tree): void {
    if (depth === 0) return;
    this.#reachable(root, 1);
    const { txn, pageBytes } = this.#meta;
    const writtenBy = Number(readAt(this.#file, root * pageBytes + 8, 8).readBigUInt64LE(0));
    if (writtenBy < txn) {
      throw this.#broken(`page ${root} is of transaction ${writtenBy}, and its newest is ${txn}`);
    }
  }

  #descend(number: number, level: number, isList: boolean): void {
    this.#reachable(number, 1);
    if (level === 1 && !this.#thorough && !isList) return;
    const page = this.#page(number, level === 1 ? leafFlag : branchFlag);
    for (const node of this.#nodes(page)) {
      if (level > 1) this.#descend(node.number, level - 1, isList);
      else this.#leaf(node, isList);
    }
  }

  #leaf({ flags, data }: Node, isList: boolean): void {
    if (isList && (flags & databaseNode) !== 0) this.tree(treeAt(data, 0), false);
    if ((flags & overflowNode) === 0) return;
    const first = Number(data.readBigUInt64LE(0));
    this.#reachable(first, Number(data.readBigUInt64LE(16)));
  }

  #page(number: number, flag: number): Page {
    const { pageBytes } = this.#meta;
    const bytes = readAt(this.#file, number * pageBytes, pageBytes);
    if (Number(bytes.readBigUInt64LE(0)) !== number || (bytes.readUInt16LE(18) & flag) === 0) {
      throw this.#broken(`page ${number} is another one`);
    }
    if (this.#pagesLeft-- === 0) throw this.#broken('its pages lead in a circle');
    return { number, bytes };
  }

  *#nodes({ number, bytes }: Page): Generator<Node> {
    const isLeaf = (bytes.readUInt16LE(18) & leafFlag) !== 0;
    const lower = bytes.readUInt16LE(20);
    const upper = bytes.readUInt16LE(22);
    if (lower > upper || headerBytes + upper > bytes.length) {
      throw this.#broken(`page ${number} has no order`);
    }
    for (let at = headerBytes; at < headerBytes + lower; at += 2) {
      const start = headerBytes + bytes.readUInt16LE(at);
      if (start < headerBytes + upper || start + nodeBytes > bytes.length) {
        throw this.#broken(`page ${number} points outside itself`);
      }
      yield this.#node(bytes.subarray(start), isLeaf, number);
    }
  }

  #node(bytes: Buffer, isLeaf: boolean, page: number): Node {
    const low = bytes.readUInt32LE(0);
    const flags = bytes.readUInt16LE(4);
    const dataStart = nodeBytes + bytes.readUInt16LE(6);
    const inPage = (flags & overflowNode) === 0 ? low : treeBytes / 2;
    const dataBytes = isLeaf ? inPage : 0;
    const tooShort = isLeaf && (flags & databaseNode) !== 0 && dataBytes < treeBytes;
    if (dataStart + dataBytes > bytes.length || tooShort) {
      throw this.#broken(`page ${page} is malformed`);
    }
    return {
      flags,
      number: low + flags * 2 ** 32,
      data: bytes.subarray(dataStart, dataStart + dataBytes),
    };
  }

  #reachable(first: number, count: number): void {
    const { lastPage, pageBytes } = this.#meta;
    const end = first + count;
    if (first < 2 || end > lastPage + 1)
      throw this.#broken(`it names page ${first} of ${lastPage}`);
    if (end * pageBytes > this.#file.bytes) {
      throw this.#broken(`it ends at ${this.#file.bytes} bytes, before page ${end - 1}`);
    }
  }

  #broken(what: string): Error {
    return damaged(this.#file.path, what);
  }
}

const check = (file: CheckedFile): void => {
  if (file.bytes === 0) throw damaged(file.path, 'it is empty');
  const meta = readMeta(file);
  const walk = new Walk(file, meta);
  const [free, databases] = meta.trees;
  if (free) walk.tree(free, false);
  if (!databases) return;
  walk.newestRoot(databases);
  walk.tree(databases, true);
};

const looksMax = 20;

/**
 * Checks an LMDB file without LMDB, which maps it and crashes if the file ends too early. A file may be shorter than
 * its meta page says if no used page is missing: so its trees are walked. Throws `StoreRefused`. A file that another
 * process may be writing (`shared`) can look damaged for a moment, so it is checked again.
 */
export const checkStructure = (path: string, { shared = false } = {}): void => {
  const before = shared ? wholeAt(path) : undefined;
  for (let looks = shared ? looksMax : 1; looks > 0; looks--) {
    try {
      checking(path, check);
      return;
    } catch (error) {
      if (looks === 1 && !hasGrown(before, wholeAt(path))) throw error;
    }
  }
};

/** The number of the newest transaction of a file that has all its pages; undefined if it cannot be determined. */
const wholeAt = (path: string): number | undefined => {
  try {
    return checking(path, (file) => {
      const { txn, lastPage, pageBytes } = readMeta(file);
      return file.bytes >= (lastPage + 1) * pageBytes ? txn : undefined;
    });
  } catch {
    return undefined;
  }
};

/**
 * Whether it is written all the time. Its pages then change faster than they can be checked, and the writing process
 * has checked it before.
 */
const hasGrown = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && now > before;
