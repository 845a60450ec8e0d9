import { circleQueries, circles } from '../projections/models/circles.ts';
import { editQueries, edits } from '../projections/models/edits.ts';
import { messageQueries, messages } from '../projections/models/messages.ts';
import { streamQueries, streams } from '../projections/models/streams.ts';
import { trail } from '../projections/models/trail.ts';
import { trailQueries } from '../projections/models/trail-queries.ts';
import { userQueries, users } from '../projections/models/users.ts';
import type { StoreToRead } from '../store/store.ts';
import { type ModelsToRead, openModelsToRead } from './models-to-read.ts';

const modelsOf = (store: StoreToRead) => ({
  trail: trailQueries(store),
  messages: messageQueries(store),
  edits: editQueries(store),
  users: userQueries(store),
  circles: circleQueries(store),
  streams: streamQueries(store),
});

/** The log and the read models of its history. */
export type HistoryToRead = ModelsToRead & { readonly models: ReturnType<typeof modelsOf> };

/** Opens them as `openModelsToRead` does. */
export const openHistoryToRead = async (): Promise<HistoryToRead> => {
  const opened = await openModelsToRead([trail, messages, edits, users, circles, streams]);
  return { ...opened, models: modelsOf(opened.store) };
};
