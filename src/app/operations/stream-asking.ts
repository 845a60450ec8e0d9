import type { Done } from '../../actors/outcome.ts';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import type { Position } from '../../events/position.ts';
import { done, type OperationDeps } from './operation.ts';

/** What became of a command to a stream, and where it stands in the log. */
export type StreamAnswer = Omit<Done, 'seq'> & { readonly position: Position };

/** How operations ask a stream. */
export const streamAsking =
  ({ actors, partitionOf }: OperationDeps) =>
  async (command: StreamCommand, handed: () => void): Promise<StreamAnswer> => {
    const outcome = actors.askStream(command);
    handed();
    const { seq, ...rest } = await done(outcome);
    return { ...rest, position: { partition: partitionOf(command.circle), seq } };
  };
