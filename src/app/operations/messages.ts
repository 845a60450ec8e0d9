import * as Type from 'typebox';
import type { Done } from '../../actors/outcome.ts';
import type { Posted } from '../../actors/stream/commands.ts';
import { defined } from '../../runtime/defined.ts';
import { reactionForm } from '../../text/emoji.ts';
import * as field from '../fields.ts';
import type { Caller } from '../sessions/sessions.ts';
import { seenBy } from '../views/messages.ts';
import { createAsk, withoutBody } from './asking.ts';
import { namedIn } from './mentions.ts';
import { type Answer, type Operation, type OperationDeps, operation } from './operation.ts';

/** The fields that name a message. */
const message = { s: field.StreamPath, id: field.Uuid7 };

/** Operations on messages. */
export const messageOperations = (deps: OperationDeps, textMax: number) => {
  const { models, barrier, actors } = deps;
  const namedFor = ({ seen }: Caller, text: string) =>
    namedIn({ models, actors, ready: () => barrier.waitForSession(seen) }, text);
  const ask = createAsk(deps);
  const text = field.MessageText(textMax);
  const NewMessage = { ...message, text, replyTo: Type.Optional(field.Uuid7) };

  return {
    'post-message': {
      ...operation('content', NewMessage, async (request) => {
        const { s, id, text, replyTo } = request.input;
        const named = await namedFor(request.caller, text);
        const command = { op: 'post-message', id, text, ...defined({ replyTo }), named } as const;
        const { events, answer, position } = await ask.stream(request, s, command);
        return { created: events.length > 0, body: answer as Posted, position };
      }),
      creates: true,
    } satisfies Operation,

    'edit-message': operation('content', { ...message, text }, async (request) => {
      const { s, id, text } = request.input;
      const { caller } = request;
      const named = await namedFor(caller, text);
      const outcome = ask.stream(request, s, { op: 'edit-message', id, text, named });
      return ask.answer(outcome, async () => {
        const row = await models.messages.get(s, id);
        const [view] = await seenBy(models, row ? [row] : [], caller.user);
        return view && { message: view };
      });
    }),

    'delete-message': operation('upkeep', message, (request) => {
      const { s, id } = request.input;
      return withoutBody(ask.stream(request, s, { op: 'delete-message', id }));
    }),
  };
};

const put = async (outcome: Promise<Done>): Promise<Answer> => {
  const { events, repeated, position } = await outcome;
  return { created: events.length > 0 || repeated, position };
};

/** Operations on reactions and pins. */
export const markOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);
  return {
    react: operation('content', { ...message, emoji: field.Emoji }, (request) => {
      const { s, id, emoji } = request.input;
      return put(ask.stream(request, s, { op: 'react', id, emoji: reactionForm(emoji) }));
    }),
    unreact: operation('upkeep', { ...message, emoji: field.GivenEmoji }, (request) => {
      const { s, id, emoji } = request.input;
      return withoutBody(ask.stream(request, s, { op: 'unreact', id, emoji: reactionForm(emoji) }));
    }),
    pin: operation('content', message, (request) => {
      const { s, id } = request.input;
      return put(ask.stream(request, s, { op: 'pin', id }));
    }),
    unpin: operation('upkeep', message, (request) => {
      const { s, id } = request.input;
      return withoutBody(ask.stream(request, s, { op: 'unpin', id }));
    }),
  };
};
