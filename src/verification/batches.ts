/** Documents that differ are told apart from those that move in portions of this size. */
const portionMax = 5000;

/** The same, so many at once that each look at the log is worth it. */
export async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let portion: T[] = [];
  for await (const item of items) {
    portion.push(item);
    if (portion.length < portionMax) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}
