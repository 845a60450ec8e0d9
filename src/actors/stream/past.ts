import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import type { PastMessages, StreamCommand } from './commands.ts';
import type { StreamState } from './state.ts';

/**
 * Looks old messages up, as they are once everything up to `seq` of the stream's partition is taken into
 * account. Rejects if that takes too long.
 */
export type LookUpMessages = (
  stream: Aggregate,
  ids: readonly string[],
  seq: number,
) => Promise<PastMessages>;

const idsOf = (command: StreamCommand): readonly string[] => {
  switch (command.op) {
    case 'open-stream':
      return [];
    case 'post-message':
      return command.replyTo === undefined ? [command.id] : [command.id, command.replyTo];
    case 'edit-message':
    case 'delete-message':
      return [command.id];
  }
};

/**
 * Gives the commands with the old messages that they speak of and that the stream's state has forgotten;
 * undefined if there is nothing to look up, which is the rule: most streams are shorter than what is kept.
 */
export const withPast = (
  stream: Aggregate,
  lookUp: LookUpMessages,
): ((
  state: StreamState,
  commands: readonly StreamCommand[],
  tail: Tail,
) => Promise<readonly StreamCommand[]> | undefined) => {
  return (state, commands, tail) => {
    if (state.forgottenSeq === 0) return undefined;
    const unknown = new Set(
      commands.flatMap(idsOf).filter((id) => state.recent.get(id) === undefined),
    );
    if (unknown.size === 0) return undefined;
    const changesOld = commands.some(
      ({ op, ...rest }) =>
        (op === 'edit-message' || op === 'delete-message') && 'id' in rest && unknown.has(rest.id),
    );
    const seq = changesOld ? tail.seq : state.forgottenSeq;
    return lookUp(stream, [...unknown], seq).then((past) =>
      commands.map((command) => (command.op === 'open-stream' ? command : { ...command, past })),
    );
  };
};
