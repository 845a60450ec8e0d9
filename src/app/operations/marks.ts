import type Type from 'typebox';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import { reactionForm } from '../../text/emoji.ts';
import * as field from '../fields.ts';
import { check } from '../validation.ts';
import { createAsk, withoutBody } from './asking.ts';
import type { Answer, Operation, OperationDeps } from './operation.ts';

const s = field.StreamPath;
const id = field.Uuid7;

const React = field.closed({ s, id, emoji: field.Emoji });
const Unreact = field.closed({ s, id, emoji: field.GivenEmoji });
const Pin = field.closed({ s, id });

type ReactionOperation = Operation<Type.Static<typeof React>>;
type PinOperation = Operation<Type.Static<typeof Pin>>;

/** Operations on reactions and pins. */
export const markOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);

  const put = async (command: StreamCommand, enqueued: () => void): Promise<Answer> => {
    const { events, repeated, position } = await ask.stream(command, enqueued);
    return { created: events.length > 0 || repeated, position };
  };
  const take = (command: StreamCommand, enqueued: () => void): Promise<Answer> =>
    withoutBody(ask.stream(command, enqueued));

  return {
    react: {
      ...check(React),
      run: ({ input, stamp, enqueued }) => {
        const { s: name, id: message } = input;
        const emoji = reactionForm(input.emoji);
        return put(
          { ...stamp, ...parseStreamPath(name), op: 'react', id: message, emoji },
          enqueued,
        );
      },
    } satisfies ReactionOperation,

    unreact: {
      ...check(Unreact),
      run: ({ input, stamp, enqueued }) => {
        const { s: name, id: message } = input;
        const emoji = reactionForm(input.emoji);
        return take(
          { ...stamp, ...parseStreamPath(name), op: 'unreact', id: message, emoji },
          enqueued,
        );
      },
    } satisfies ReactionOperation,

    pin: {
      ...check(Pin),
      run: ({ input, stamp, enqueued }) =>
        put({ ...stamp, ...parseStreamPath(input.s), op: 'pin', id: input.id }, enqueued),
    } satisfies PinOperation,

    unpin: {
      ...check(Pin),
      run: ({ input, stamp, enqueued }) =>
        take({ ...stamp, ...parseStreamPath(input.s), op: 'unpin', id: input.id }, enqueued),
    } satisfies PinOperation,
  };
};
