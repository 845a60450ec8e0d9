import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DocumentReader } from '../store/document-reader.ts';
import type { Document } from '../store/documents.ts';
import { keptCollections } from '../store/state/kept.ts';

/** A document of state, and its collection. */
export type StateRow = { readonly collection: string; readonly row: Document };

const rowsAtOnce = 1000;

/** Reads the state, compressed with gzip: one JSON object per line. */
export const readState = async (reader: DocumentReader | undefined): Promise<Buffer> => {
  const lines: string[] = [];
  for (const { name: collection } of reader ? keptCollections : []) {
    for (let after = ''; ; ) {
      const rows = (await reader?.page(collection, after, rowsAtOnce)) ?? [];
      for (const row of rows) lines.push(`${JSON.stringify({ collection, row })}\n`);
      after = rows.at(-1)?._id ?? after;
      if (rows.length < rowsAtOnce) break;
    }
  }
  return promisify(gzip)(lines.join(''));
};

/** Parses the state; its checksum was verified before. */
export const parseState = async (content: Buffer): Promise<StateRow[]> => {
  const text = (await promisify(gunzip)(content)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StateRow);
};
