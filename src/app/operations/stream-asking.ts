import type { Done } from '../../actors/outcome.ts';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import { done, type OperationDeps } from './operation.ts';

/** How operations ask a stream. */
export const streamAsking =
  ({ actors }: OperationDeps) =>
  (command: StreamCommand, handed: () => void): Promise<Done> => {
    const outcome = actors.askStream(command);
    handed();
    return done(outcome);
  };
