import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import { type Refusal, refusedForNow } from '../decision.ts';
import type { Past, StreamCommand } from './commands.ts';
import { storedFor } from './message-facts.ts';
import { reactionKey, type StreamState } from './state.ts';

/** What is to be looked up: messages by their ids, and what somebody's reactions to a message are. */
export type PastWanted = {
  readonly messages: readonly string[];
  readonly reactions: readonly { readonly id: string; readonly by: string }[];
};

/**
 * Looks old messages up, and reactions, as they are once everything up to `seq` of the stream's partition is taken
 * into account. Rejects if that takes too long.
 */
export type LookUpMessages = (stream: Aggregate, wanted: PastWanted, seq: number) => Promise<Past>;

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

/** The messages that commands speak of and that the state has forgotten, or may have when their turn comes. */
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

/** The keys of the reactions that a command may be about, of a message that the state has not forgotten. */
const keysOf = ({ messages }: StreamState, { id, by, emoji }: Reaction): string[] => {
  const facts = messages.get(id);
  return facts ? storedFor(facts, emoji).map((stored) => reactionKey(id, by, stored)) : [];
};

/**
 * The reactions of which the state does not say whether they stand, or may not when their turn comes. Those to an old
 * message are looked up with it: only it says which forms of the emoji there are.
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
 * Gives the commands with what they speak of and the stream's state has forgotten; undefined if there is nothing to
 * look up, which is the rule: most streams are shorter than what is kept. What changes an old message is decided on
 * what that is now, so the lookup waits for the newest commit; whether an id is taken can be told from earlier. If
 * that fails, those alone are refused that need it.
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
    const wanted = { messages: [...old], reactions: unclear.map(({ id, by }) => ({ id, by })) };
    const needing = new Set<StreamCommand>(unclear);
    for (const command of commands)
      if (idsOf(command).some((id) => old.has(id))) needing.add(command);
    return lookUp(stream, wanted, isNow ? tail.seq : forgottenSeq).then(
      (past) => commands.map((command) => ({ ...command, past })),
      () => commands.map((command) => (needing.has(command) ? refusedForNow : command)),
    );
  };
};
