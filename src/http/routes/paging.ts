import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { limits } from '../../app/limits/limits.ts';
import { Refused } from '../../app/refusals.ts';
import { isUuid } from '../../events/ids.ts';
import { formatStreamPath, type StreamPath } from '../../events/stream-path.ts';
import { queryReader } from '../queries.ts';

const paging = {
  cursor: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(field.Limit),
};

/**
 * Parses the page that a query requests, and further fields; one row more is read than is shown. Throws `Refused`. Has the
 * schema as a property, for the route's description.
 */
export const pageReader = <More extends Type.TProperties>(more: More) => {
  const read = queryReader(field.closed({ ...paging, ...more }));
  const reader = (query: unknown) => {
    const { cursor, limit = limits.pageDefault, ...fields } = read(query) as Paging;
    const page = { ...(cursor !== undefined && { after: cursor }), limit: limit + 1 };
    return { limit, page, ...(fields as Type.Static<Type.TObject<More>>) };
  };
  return Object.assign(reader, { schema: read.schema });
};

type Paging = { readonly cursor?: string; readonly limit?: number };

/** Parses the page that a query requests. Throws `Refused`. */
export const pageFrom = pageReader({});

/** The path of the stream that a path names. */
export const pathIn = (params: { readonly circle: string; readonly stream: string }): StreamPath =>
  formatStreamPath(known(params.circle), known(params.stream));

/** The rows of a page, and the cursor of the next page. */
export const cut = <Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? { next: keyOf(last) } : {} };
};

/** Checks an id from a path: anything else is not found. */
export const known = (id: string): string => {
  if (!isUuid(id)) throw new Refused('not-found');
  return id;
};
