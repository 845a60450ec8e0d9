import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DocumentReader } from '../store/document-reader.ts';
import type { Document } from '../store/documents.ts';
import { origins } from '../store/origins.ts';
import { keptCollections } from '../store/state/kept.ts';

/** A document of state, and its collection. */
export type StateRow = { readonly collection: string; readonly row: Document };

const rowsAtOnce = 1000;

/** The state as one JSON object per line, compressed with gzip. */
export type StateContent = { readonly content: Buffer; readonly rows: number };

/** Reads the state of a log. Rejects with one line if the store belongs to another log. */
export const readState = async (
  reader: DocumentReader | undefined,
  incarnation: string,
): Promise<StateContent> => {
  const lines: string[] = [];
  if (reader) await requireStoreOf(reader, incarnation);
  for (const { name: collection } of reader ? keptCollections : []) {
    for (let after = ''; ; ) {
      const rows = (await reader?.page(collection, after, rowsAtOnce)) ?? [];
      for (const row of rows) lines.push(`${JSON.stringify({ collection, row })}\n`);
      after = rows.at(-1)?._id ?? after;
      if (rows.length < rowsAtOnce) break;
    }
  }
  return { content: await promisify(gzip)(lines.join('')), rows: lines.length };
};

const requireStoreOf = async (reader: DocumentReader, incarnation: string): Promise<void> => {
  const known = (await reader.page(origins.name, '', rowsAtOnce)).map((row) => row.incarnation);
  if (known.length === 0 || known.includes(incarnation)) return;
  throw new Error(
    `the read models beside the log belong to another log (${known[0]}); nothing was backed up`,
  );
};

/** Parses the state; its checksum was verified before. */
export const parseState = async (content: Buffer): Promise<StateRow[]> => {
  const text = (await promisify(gunzip)(content)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StateRow);
};
