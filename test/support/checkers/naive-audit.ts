import type { AuditQuery } from '../generators/audit-play.ts';
import type { LogLine } from './replayed-log.ts';

/** The place of an event's commit. */
export const placeIn = ({ position }: { readonly position: string }): number =>
  Number(position.split(':')[1]);

type Row = Pick<LogLine, 'position' | 'n' | 'k' | 'at' | 'by'> & {
  readonly stream?: unknown;
  readonly user?: unknown;
};

/** What the audit knows of a line of the log, found another way. */
export const rowOf = ({ position, of, n, k, at, by, d }: LogLine): Row => {
  const [kind, , stream = d.id] = of.split('.');
  const isOwn = kind === 'circle' && k.startsWith('stream-');
  return {
    ...{ position, n, k, at, by },
    ...((kind === 'stream' || isOwn) && { stream }),
    ...(d.user !== undefined && { user: d.user }),
  };
};

/** Whether a filter asks for it. */
export const isAsked = (row: Row, { since, until: end, after, ...equal }: AuditQuery): boolean =>
  Object.entries(equal).every(([field, value]) =>
    field === 'kind' ? row.k === value : row[field as keyof Row] === value,
  ) &&
  (since === undefined || row.at >= Number(since)) &&
  (end === undefined || row.at < Number(end)) &&
  (after === undefined || placeIn(row) > Number(String(after).split(':')[1]));
