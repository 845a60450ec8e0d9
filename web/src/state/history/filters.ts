import type { AuditFilter } from '../../../../src/client/objects.ts';

/** The filters of a circle's events: users by id, from `since` on and before `until`, in ms. */
export type Filters = {
  readonly by?: string;
  readonly user?: string;
  readonly stream?: string;
  readonly kind?: string;
  readonly since?: number;
  readonly until?: number;
};

/** The filters with one of them set or removed. */
export const withFilter = <Name extends keyof Filters>(
  filters: Filters,
  name: Name,
  value: Filters[Name] | undefined,
): Filters => {
  const { [name]: _, ...others } = filters;
  return value === undefined ? others : { ...others, [name]: value };
};

export const countOf = (filters: Filters): number => Object.keys(filters).length;

/** The filter of the request. With `upTo` nothing later than this. */
export const requestFilter = (filters: Filters, upTo?: number): AuditFilter => {
  const until = Math.min(
    filters.until ?? Number.POSITIVE_INFINITY,
    (upTo ?? Number.POSITIVE_INFINITY) + 1,
  );
  const { until: _, ...others } = filters;
  return { ...others, ...(Number.isFinite(until) && { until }) };
};

/** The URL of all matching events, as a file. */
export const exportPath = (circle: string, filters: Filters, format: 'csv' | 'ndjson'): string => {
  const given = Object.entries(filters).map(([name, value]): [string, string] => [
    name,
    `${value}`,
  ]);
  return `/v1/circles/${circle}/audit?${new URLSearchParams([['format', format], ...given])}`;
};

/** A time as the value of a date and time input, in local time, to the second. */
export const fieldOf = (at: number | undefined): string => {
  if (at === undefined) return '';
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offsetMs).toISOString().slice(0, 19);
};

/** The start of the second in an input; undefined if it is empty. */
export const beginOf = (field: string): number | undefined => {
  const at = new Date(field).getTime();
  return field === '' || Number.isNaN(at) ? undefined : at;
};

/** The end of the second in an input, so that it includes what happened in it. */
export const endOf = (field: string): number | undefined => {
  const at = beginOf(field);
  return at === undefined ? undefined : at + 999;
};
