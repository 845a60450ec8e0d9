import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged, StoreRefused } from '../../../events/store-refused.ts';
import { opening } from './refusal.ts';

/** The content of a meta page: where a snapshot starts and how far its pages reach. */
export type Meta = {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly txn: number;
  /** The list of free pages and the list of databases. */
  readonly trees: readonly Tree[];
};

/** A B-tree of pages; an empty one has `depth` 0. */
export type Tree = { readonly root: number; readonly depth: number };

/** A file that is open for reading, and its size when it was opened. */
export type CheckedFile = { readonly path: string; readonly fd: number; readonly bytes: number };

/** Offsets within a page of LMDB's data format 2, 64 bit: a header of 24 bytes, then MDB_meta. */
const headerBytes = 24;
const metaFlag = 0x08;
const magic = 0xbeefc0de;
const format = 2;
const metaBytes = headerBytes + 144;

/** The bytes of MDB_db, with the root of a tree. */
export const treeBytes = 48;

export const treeAt = (bytes: Buffer, offset: number): Tree => ({
  depth: bytes.readUInt16LE(offset + 6),
  root: Number(bytes.readBigUInt64LE(offset + 40)),
});

/** Reads exactly `length` bytes at `position`, or fewer at the end of the file. */
export const readAt = ({ fd }: CheckedFile, position: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    const count = readSync(fd, bytes, got, length - got, position + got);
    if (count === 0) break;
    got += count;
  }
  return bytes.subarray(0, got);
};

const metaAt = (file: CheckedFile, position: number): Meta => {
  const bytes = readAt(file, position, metaBytes);
  const name = position === 0 ? 'first' : 'second';
  if (bytes.length < metaBytes) {
    throw damaged(file.path, `it ends at ${file.bytes} bytes, before its ${name} meta page`);
  }
  const field = (offset: number): number => Number(bytes.readBigUInt64LE(headerBytes + offset));
  if (bytes.readUInt32LE(headerBytes) !== magic || (bytes.readUInt16LE(18) & metaFlag) === 0) {
    if (position === 0) {
      throw new StoreRefused(
        `${file.path} is no LMDB file. Move it away, or restore it from a backup if it was one.`,
        { damage: 'it is no LMDB file' },
      );
    }
    throw damaged(file.path, `its ${name} meta page does not begin as one`);
  }
  const version = bytes.readUInt16LE(headerBytes + 4);
  if (version !== format) {
    throw new StoreRefused(
      `${file.path} has LMDB's data format ${version}, and this version of Oshi reads format ${format}. Run the version of Oshi that wrote it.`,
    );
  }
  return {
    pageBytes: bytes.readUInt32LE(headerBytes + 24),
    trees: [24, 24 + treeBytes].map((offset) => treeAt(bytes, headerBytes + offset)),
    lastPage: field(120),
    txn: field(128),
  };
};

/** The newer of the two, if they are consistent: transaction N writes meta page N % 2, alternately. */
const newest = (path: string, first: Meta, second: Meta): Meta => {
  const untouched = first.txn === 0 && second.txn === 0;
  const alternate = first.txn % 2 === 0 && Math.abs(first.txn - second.txn) === 1;
  if (!(untouched || alternate)) {
    throw damaged(path, `its meta pages name transactions ${first.txn} and ${second.txn}`);
  }
  if (first.pageBytes !== second.pageBytes) throw damaged(path, 'its meta pages differ');
  return first.txn > second.txn ? first : second;
};

/** The newest meta page of an LMDB file; throws `StoreRefused` if one of the two is damaged. */
export const readMeta = (file: CheckedFile): Meta => {
  const first = metaAt(file, 0);
  const { pageBytes } = first;
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) {
    throw damaged(file.path, `its first meta page names pages of ${pageBytes} bytes`);
  }
  return newest(file.path, first, metaAt(file, pageBytes));
};

/** Opens a file for checking, passes it to `check`, and closes it in any case. Throws `StoreRefused`. */
export const checking = <T>(path: string, check: (file: CheckedFile) => T): T =>
  opening(path, () => {
    const fd = openSync(path, 'r');
    try {
      return check({ path, fd, bytes: fstatSync(fd).size });
    } finally {
      closeSync(fd);
    }
  });
