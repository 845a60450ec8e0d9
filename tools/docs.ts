import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withEventTables } from './docs/event-tables.ts';

const events = resolve(import.meta.dirname, '../docs/events.md');

/** `npm run docs`: writes what of the documentation follows from the source. */
await writeFile(events, withEventTables(await readFile(events, 'utf8')));
