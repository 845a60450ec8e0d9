import type { Checkpoint } from './checkpoint.ts';

/** Where a server stores its checkpoints: beside the data, so copies should be stored elsewhere too. */
export interface CheckpointStore {
  /** Durable when it resolves. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The last one of a log. */
  newest(incarnation: string): Promise<Checkpoint | undefined>;
}
