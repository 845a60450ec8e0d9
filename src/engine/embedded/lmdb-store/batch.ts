import { appliedOf, foldWrites, writesByDocument } from '../../../store/fold.ts';
import { type Batch, CheckpointMoved } from '../../../store/store.ts';
import type { Tables } from './tables.ts';
import { openWriter } from './writer.ts';

/**
 * Applies a batch and moves its checkpoints; throws `CheckpointMoved` before anything is written. Runs within one
 * transaction, so after a crash it is there completely or not at all.
 */
export const applyBatch = (tables: Tables, batch: Batch): void => {
  const { projections, partition, from, to } = batch;
  for (const projection of projections) {
    const at = tables.checkpoint(projection, partition);
    if (at !== from) {
      throw new CheckpointMoved(`${projection} is at ${at} in partition ${partition}, not ${from}`);
    }
  }
  for (const [collection, documents] of writesByDocument(batch.writes)) {
    const writer = openWriter(tables, collection);
    for (const [id, writes] of documents) {
      writer.change(id, (document) => {
        const folded = foldWrites({ document, applied: appliedOf(document) }, writes, partition);
        return folded ? folded.document : document;
      });
    }
  }
  for (const projection of projections) tables.setCheckpoint(projection, partition, to);
};
