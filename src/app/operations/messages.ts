import Type from 'typebox';
import type { Posted } from '../../actors/stream/commands.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import type { Caller } from '../sessions/sessions.ts';
import { check } from '../validation.ts';
import { seenBy } from '../views/messages.ts';
import { createAsk, withoutBody } from './asking.ts';
import { namedIn } from './mentions.ts';
import type { Operation, OperationDeps } from './operation.ts';

const s = field.StreamPath;

/** Operations on messages. */
export const messageOperations = (deps: OperationDeps, textMax: number) => {
  const { models, barrier, actors } = deps;
  const namedFor = ({ seen }: Caller, text: string) =>
    namedIn({ models, actors, ready: () => barrier.waitForSession(seen) }, text);
  const ask = createAsk(deps);
  const text = field.MessageText(textMax);
  const PostMessage = field.closed({
    s,
    id: field.Uuid7,
    text,
    replyTo: Type.Optional(field.Uuid7),
  });
  const EditMessage = field.closed({ s, id: field.Uuid7, text });
  const DeleteMessage = field.closed({ s, id: field.Uuid7 });

  return {
    'post-message': {
      ...check(PostMessage),
      creates: true,
      run: async ({ caller, input, stamp, enqueued }) => {
        const { id, text: said, replyTo } = input;
        const named = await namedFor(caller, said);
        const reply = replyTo === undefined ? {} : { replyTo };
        const command = {
          ...stamp,
          ...parseStreamPath(input.s),
          op: 'post-message',
          id,
          text: said,
          ...reply,
          named,
        } as const;
        const { events, answer, position } = await ask.stream(command, enqueued);
        return { created: events.length > 0, body: answer as Posted, position };
      },
    } satisfies Operation<Type.Static<typeof PostMessage>>,

    'edit-message': {
      ...check(EditMessage),
      run: async ({ caller, input, stamp, enqueued }) => {
        const { id, text: said } = input;
        const named = await namedFor(caller, said);
        const command = {
          ...stamp,
          ...parseStreamPath(input.s),
          op: 'edit-message',
          id,
          text: said,
          named,
        } as const;
        const { position } = await ask.stream(command, enqueued);
        await barrier.waitUntilApplied(position);
        const row = await models.messages.get(input.s, id);
        if (!row) throw new Refused('not-found');
        const [message] = await seenBy(models, [row], caller.user);
        return { created: false, body: { message }, position };
      },
    } satisfies Operation<Type.Static<typeof EditMessage>>,

    'delete-message': {
      ...check(DeleteMessage),
      run: ({ input, stamp, enqueued }) => {
        const { s: path, id } = input;
        const command = { ...stamp, ...parseStreamPath(path), op: 'delete-message', id } as const;
        return withoutBody(ask.stream(command, enqueued));
      },
    } satisfies Operation<Type.Static<typeof DeleteMessage>>,
  };
};
