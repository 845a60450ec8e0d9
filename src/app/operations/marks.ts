import type Type from 'typebox';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import { reactionForm } from '../../text/emoji.ts';
import * as field from '../fields.ts';
import { check } from '../validation.ts';
import type { Answer, Operation, OperationDeps } from './operation.ts';
import { streamAsking } from './stream-asking.ts';

const s = field.StreamPath;
const id = field.Uuid7;

const React = field.closed({ s, id, emoji: field.Emoji });
const Unreact = field.closed({ s, id, emoji: field.GivenEmoji });
const Pin = field.closed({ s, id });

type ReactionOperation = Operation<Type.Static<typeof React>>;
type PinOperation = Operation<Type.Static<typeof Pin>>;

/** What people put to messages and take away again: reactions and pins. */
export const markOperations = (deps: OperationDeps) => {
  const ask = streamAsking(deps);

  const put = async (command: StreamCommand, handed: () => void): Promise<Answer> => {
    const { events, repeated, position } = await ask(command, handed);
    return { created: events.length > 0 || repeated, position };
  };
  const take = async (command: StreamCommand, handed: () => void): Promise<Answer> => ({
    created: false,
    position: (await ask(command, handed)).position,
  });

  return {
    react: {
      ...check(React),
      run: ({ input, stamp, handed }) => {
        const { s: name, id: message } = input;
        const emoji = reactionForm(input.emoji);
        return put({ ...stamp, ...parseStreamPath(name), op: 'react', id: message, emoji }, handed);
      },
    } satisfies ReactionOperation,

    unreact: {
      ...check(Unreact),
      run: ({ input, stamp, handed }) => {
        const { s: name, id: message } = input;
        const emoji = reactionForm(input.emoji);
        return take(
          { ...stamp, ...parseStreamPath(name), op: 'unreact', id: message, emoji },
          handed,
        );
      },
    } satisfies ReactionOperation,

    pin: {
      ...check(Pin),
      run: ({ input, stamp, handed }) =>
        put({ ...stamp, ...parseStreamPath(input.s), op: 'pin', id: input.id }, handed),
    } satisfies PinOperation,

    unpin: {
      ...check(Pin),
      run: ({ input, stamp, handed }) =>
        take({ ...stamp, ...parseStreamPath(input.s), op: 'unpin', id: input.id }, handed),
    } satisfies PinOperation,
  };
};
