import { mongoStore } from '../../../src/engine/cluster/mongo-store/mongo-store.ts';
import { embeddedStore } from '../../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { follow } from './following.ts';
import { longHistory } from './history.ts';

/** A process that follows a long history, saying so after each batch, until it is killed. */
const [engine, place = '', collection = '', seed, events, ...cut] = process.argv.slice(2);

const store =
  engine === 'embedded'
    ? await embeddedStore({ path: place })
    : await mongoStore({ url: place, database: 'crash' });

await follow(store, longHistory(Number(seed), Number(events)), {
  collection,
  projections: [collection],
  cut: cut.map(Number),
  onBatch: () => {
    process.stdout.write('.');
  },
});
await store.close();
