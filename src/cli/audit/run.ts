import type { EventLog } from '../../events/log.ts';
import { type Audit, createAudit, type NamedEntry, namedEntries } from '../../history/audit.ts';
import { createCirclePasts } from '../../history/circle-past.ts';
import { createConnections } from '../../history/connections.ts';
import { type Entry, partitionOfCircle } from '../../history/entries.ts';
import { type ExportFormat, exporter } from '../../history/export.ts';
import type { AuditFilter } from '../../history/filters.ts';
import { circles } from '../../projections/models/circles.ts';
import type { TrailItem } from '../../projections/models/trail-queries.ts';
import { type HistoryToRead, openHistoryToRead } from '../history-to-read.ts';
import { allRows } from '../models-to-read.ts';
import { configuredStorage } from '../storage.ts';
import { coloursOf } from '../terminal/colours.ts';
import { openOutput, writeText } from '../terminal/output.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { tableOf } from './table.ts';

export type AuditOptions = {
  readonly circle?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly addresses?: boolean;
};

const tableRowsDefault = 50;

type Context = HistoryToRead & { readonly audit: Audit };

/** The circles to be searched: the given one, which must exist, or all that can contain the position. */
const circlesOf = async (
  { log, models, ...read }: Context,
  { after }: AuditFilter,
  circle: string | undefined,
): Promise<string[]> => {
  if (circle !== undefined) {
    if ((await models.trail.placeAt(circle, Number.MAX_SAFE_INTEGER)) > 0) return [circle];
    throw new Error(`there is no circle ${circle}`);
  }
  const ids: string[] = [];
  for await (const rows of allRows(read, circles)) ids.push(...rows.map(({ _id }) => _id));
  return after === undefined
    ? ids
    : ids.filter((id) => partitionOfCircle(id, log.info) === after.partition);
};

const byTime = (one: TrailItem, other: TrailItem): number =>
  one.at - other.at || one.place - other.place;

/** Collects the newest rows, keeping at most about twice the limit. */
const newestOf = (limit: number) => {
  let kept: TrailItem[] = [];
  const cut = (): TrailItem[] => {
    kept = kept.sort(byTime).slice(-limit);
    return kept;
  };
  return {
    /** Adds rows; returns whether older rows of the same circle can still be among the newest. */
    add(items: readonly TrailItem[]): boolean {
      kept.push(...items);
      if (kept.length > 2 * limit) cut();
      const oldest = items.at(-1);
      return kept.length < limit || (oldest?.at ?? 0) >= (kept[0]?.at ?? 0);
    },
    rows: cut,
  };
};

type Question = { readonly filter: AuditFilter; readonly ids: readonly string[] };

/** The newest entries of all circles together, the newest last. */
const newest = async (
  { audit }: Context,
  { filter, ids }: Question,
  limit: number,
): Promise<Entry[]> => {
  const kept = newestOf(limit);
  const bar = progressBar();
  for (const [done, circle] of ids.entries()) {
    let count = 0;
    for await (const items of audit.rows(circle, filter, 'desc')) {
      count += items.length;
      if (!kept.add(items) || count >= limit) break;
    }
    bar.update(done + 1, ids.length, 'circles');
  }
  bar.stop();
  const rows = kept.rows();
  const entries = new Map<TrailItem, Entry>();
  for (const circle of new Set(rows.map((row) => row.circle))) {
    const own = rows.filter((row) => row.circle === circle);
    const found = await audit.entries(circle, own);
    for (const [index, row] of own.entries()) {
      const entry = found[index];
      if (entry) entries.set(row, entry);
    }
  }
  return rows.flatMap((row) => entries.get(row) ?? []);
};

/** All entries circle by circle, oldest first. */
async function* everything(
  { audit, models }: Context,
  { filter, ids }: Question,
): AsyncGenerator<Entry[]> {
  const [only = ''] = ids;
  const isOne = ids.length === 1;
  const end = isOne ? await models.trail.placeAt(only, Number.MAX_SAFE_INTEGER) : 0;
  const bar = progressBar();
  for (const [done, circle] of ids.entries()) {
    for await (const items of audit.rows(circle, filter, 'asc')) {
      yield await audit.entries(circle, items);
      const last = items.at(-1);
      if (isOne && last) bar.update(last.place, end, 'positions');
    }
    if (!isOne) bar.update(done + 1, ids.length, 'circles');
  }
  bar.stop();
}

const printAll = async (
  context: Context,
  batches: AsyncIterable<readonly Entry[]> | Iterable<readonly Entry[]>,
  format: { readonly format: ExportFormat; readonly addresses: boolean },
): Promise<void> => {
  const { header, write } = exporter(format.format, format);
  process.stdout.write(header);
  for await (const batch of batches) {
    const entries: NamedEntry[] = await namedEntries(context, batch);
    await writeText(write(entries));
  }
};

export const audit = async (filter: AuditFilter, options: AuditOptions): Promise<void> => {
  openOutput();
  const { circle, limit, json, csv, addresses = false } = options;
  const history = await openHistoryToRead();
  const connectionLog = connectionLogToRead();
  try {
    const { log, models } = history;
    const shared = { log, models, trail: models.trail, pasts: createCirclePasts({ log }) };
    const connections = createConnections(connectionLog);
    const context = { ...history, audit: createAudit({ ...shared, connections, addresses }) };
    const question = { filter, ids: await circlesOf(context, filter, circle) };
    if (json || csv) {
      const format = { format: csv ? 'csv' : 'ndjson', addresses } as const;
      const batches =
        limit === undefined
          ? everything(context, question)
          : [await newest(context, question, limit)];
      await printAll(context, batches, format);
    } else {
      const entries = await newest(context, question, limit ?? tableRowsDefault);
      process.stdout.write(`${await tableOf(context, entries, coloursOf(process.stdout))}\n`);
    }
  } finally {
    await connectionLog.close();
    await history.close();
  }
};

/** The log of connections, opened on the first read; empty if no server has written one. */
const connectionLogToRead = (): Pick<EventLog, 'read'> & { close(): Promise<void> } => {
  let opened: Promise<EventLog | undefined> | undefined;
  return {
    async *read(aggregate, options) {
      opened ??= configuredStorage().then((storage) => storage.readConnectionLog());
      const log = await opened;
      if (log) yield* log.read(aggregate, options);
    },
    close: async () => (await opened)?.close(),
  };
};
