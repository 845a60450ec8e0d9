import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withEventTables } from './docs/event-tables.ts';
import { withModuleDiagram } from './docs/modules.ts';

const write = async (name: string, change: (page: string) => string): Promise<void> => {
  const path = resolve(import.meta.dirname, '../docs', name);
  await writeFile(path, change(await readFile(path, 'utf8')));
};

/** `npm run docs`: writes what of the documentation follows from the source. */
await write('events.md', withEventTables);
await write('architecture.md', withModuleDiagram);
