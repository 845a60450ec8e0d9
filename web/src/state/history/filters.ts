import type { AuditFilter } from '../../../../src/client/objects.ts';

/** Which events of a circle somebody wants to see: people by their ids, from `since` on and before `until`, in ms. */
export type Filters = {
  readonly by?: string;
  readonly user?: string;
  readonly stream?: string;
  readonly kind?: string;
  readonly since?: number;
  readonly until?: number;
};

/** The filters with one of them set, or taken away. */
export const withFilter = <Name extends keyof Filters>(
  filters: Filters,
  name: Name,
  value: Filters[Name] | undefined,
): Filters => {
  const { [name]: _, ...others } = filters;
  return value === undefined ? others : { ...others, [name]: value };
};

export const countOf = (filters: Filters): number => Object.keys(filters).length;

/** What is asked of the server. With `upTo` nothing that is later than this. */
export const askedFor = (filters: Filters, upTo?: number): AuditFilter => {
  const until = Math.min(
    filters.until ?? Number.POSITIVE_INFINITY,
    (upTo ?? Number.POSITIVE_INFINITY) + 1,
  );
  const { until: _, ...others } = filters;
  return { ...others, ...(Number.isFinite(until) && { until }) };
};

/** The address of all events that fit, as a file. */
export const exportPath = (circle: string, filters: Filters, format: 'csv' | 'ndjson'): string => {
  const given = Object.entries(filters).map(([name, value]): [string, string] => [
    name,
    `${value}`,
  ]);
  return `/v1/circles/${circle}/audit?${new URLSearchParams([['format', format], ...given])}`;
};

/** A time as a field for date and time holds it: the reader's own, to the second. */
export const fieldOf = (at: number | undefined): string => {
  if (at === undefined) return '';
  const local = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  return `${date}T${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`;
};

/** The beginning of the second that a field names; undefined if it names none. */
export const beginOf = (field: string): number | undefined => {
  const at = new Date(field).getTime();
  return field === '' || Number.isNaN(at) ? undefined : at;
};

/** The end of the second that a field names, so that what happened in it is before that. */
export const endOf = (field: string): number | undefined => {
  const at = beginOf(field);
  return at === undefined ? undefined : at + 999;
};
