/** Which rows of a list: those after a key, at most so many. */
export type KeysetPage = { readonly after?: string; readonly limit: number };

/** Reads all rows of a list in batches of `limit`, by the key of the last row of each. */
export async function* allPages<Row>(
  limit: number,
  read: (page: KeysetPage) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): AsyncGenerator<readonly Row[]> {
  for (let page: KeysetPage = { limit }; ; ) {
    const rows = await read(page);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    page = { after: keyOf(last), limit };
  }
}
