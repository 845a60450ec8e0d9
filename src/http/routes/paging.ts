import Type from 'typebox';
import { isUuid } from '../../events/ids.ts';
import * as field from '../fields.ts';
import { limits } from '../limits.ts';
import { queryReader } from '../queries.ts';
import { Refused } from '../refusals.ts';

const pageQuery = queryReader(
  field.closed({
    cursor: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(field.Limit),
  }),
);
/** Which page of a list a query asks for; one row more is read than is shown. Throws `Refused`. */
export const pageFrom = (query: unknown) => {
  const { cursor, limit = limits.pageDefault } = pageQuery(query);
  return { limit, page: { ...(cursor !== undefined && { after: cursor }), limit: limit + 1 } };
};

/** A page's rows, and the key from which the next page goes on. */
export const cut = <Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? { next: keyOf(last) } : {} };
};

/** An id out of a path; what is none names nothing. */
export const known = (id: string): string => {
  if (!isUuid(id)) throw new Refused('not-found');
  return id;
};
