/** Documents per batch in which differing documents are told apart from those that are in motion. */
const batchMax = 5000;

/** The same items in batches, so that each read of the log serves many. */
export async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
