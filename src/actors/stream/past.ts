import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import { type Refusal, refusedForNow } from '../decision.ts';
import type { Past, StreamCommand } from './commands.ts';
import { storedFor } from './message-facts.ts';
import { reactionKey, type StreamState } from './state.ts';

/** What to look up: messages by their ids, and the reactions of users to messages. */
export type PastWanted = {
  readonly messages: readonly string[];
  readonly reactions: readonly { readonly id: string; readonly by: string }[];
};

/**
 * Looks up old messages and reactions, as of at least `seq` of the stream's partition. Rejects if that takes too
 * long.
 */
export type LookUpMessages = (stream: Aggregate, lookup: PastWanted, seq: number) => Promise<Past>;

type Change = Exclude<StreamCommand, { op: 'open-stream' | 'post-message' }>;
type Reaction = Extract<Change, { emoji: string }>;

const isChange = (command: StreamCommand): command is Change =>
  command.op !== 'open-stream' && command.op !== 'post-message';

const isReaction = (command: StreamCommand): command is Reaction => 'emoji' in command;

const idsOf = (command: StreamCommand): readonly string[] => {
  if (command.op === 'open-stream') return [];
  if (command.op !== 'post-message' || command.replyTo === undefined) return [command.id];
  return [command.id, command.replyTo];
};

/** The messages that commands refer to and that the state has dropped, or may have dropped when they are decided. */
const oldMessages = (
  { messages, ids }: StreamState,
  commands: readonly StreamCommand[],
): ReadonlySet<string> => {
  const isOld = (id: string): boolean => {
    if (messages.keeps(id, commands.length)) return false;
    return messages.get(id) !== undefined || (messages.forgottenSeq > 0 && !ids.isNew(id));
  };
  return new Set(commands.flatMap(idsOf).filter(isOld));
};

/** The keys of the reactions that a command may concern, of a message that the state has kept. */
const keysOf = ({ messages }: StreamState, { id, by, emoji }: Reaction): string[] => {
  const facts = messages.get(id);
  return facts ? storedFor(facts, emoji).map((stored) => reactionKey(id, by, stored)) : [];
};

/**
 * The reactions of which the state does not know whether they exist, or may not when they are decided. Those to an
 * old message are looked up with it: only it tells which forms of the emoji there are.
 */
const oldReactions = (
  state: StreamState,
  commands: readonly StreamCommand[],
  old: ReadonlySet<string>,
): readonly Reaction[] => {
  const { reactions } = state;
  const isUnclear = (key: string): boolean =>
    !reactions.keeps(key, commands.length) &&
    (reactions.forgottenSeq > 0 || reactions.get(key) !== undefined);
  return commands
    .filter(isReaction)
    .filter((command) => old.has(command.id) || keysOf(state, command).some(isUnclear));
};

/**
 * Adds to commands what they refer to and the stream's state has dropped; undefined if there is nothing to look up,
 * as usual: most streams are shorter than what is kept. A change of an old message needs its current state, so the
 * lookup waits for the newest commit; whether an id is taken can be told from an earlier one. If the lookup fails,
 * only the commands that need it are refused.
 */
export const withPast = (
  stream: Aggregate,
  lookUp: LookUpMessages,
): ((
  state: StreamState,
  commands: readonly StreamCommand[],
  tail: Tail,
) => Promise<readonly (StreamCommand | Refusal)[]> | undefined) => {
  return (state, commands, tail) => {
    const { messages, reactions } = state;
    const old = oldMessages(state, commands);
    const unclear = oldReactions(state, commands, old);
    if (old.size === 0 && unclear.length === 0) return undefined;
    const isNow =
      commands.some((command) => isChange(command) && old.has(command.id)) ||
      [...old].some((id) => messages.get(id) !== undefined) ||
      unclear.some((each) => keysOf(state, each).some((key) => reactions.get(key) !== undefined));
    const forgottenSeq = Math.max(
      old.size > 0 ? messages.forgottenSeq : 0,
      unclear.length > 0 ? reactions.forgottenSeq : 0,
    );
    const lookup = { messages: [...old], reactions: unclear.map(({ id, by }) => ({ id, by })) };
    const needing = new Set<StreamCommand>(unclear);
    for (const command of commands)
      if (idsOf(command).some((id) => old.has(id))) needing.add(command);
    return lookUp(stream, lookup, isNow ? tail.seq : forgottenSeq).then(
      (past) => commands.map((command) => ({ ...command, past })),
      () => commands.map((command) => (needing.has(command) ? refusedForNow : command)),
    );
  };
};
