import Type from 'typebox';
import type { Done } from '../../actors/outcome.ts';
import { formatStreamPath, parseStreamPath } from '../../events/stream-path.ts';
import { streamView } from '../../projections/models/streams.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { createAsk, withoutBody } from './asking.ts';
import type { Answer, Operation, OperationDeps } from './operation.ts';

const s = field.StreamPath;

const CreateStream = field.closed({
  circle: field.Uuid,
  id: field.Uuid7,
  name: field.StreamName,
  topic: Type.Optional(field.Topic),
});
const UpdateStream = field.closed({
  s,
  name: Type.Optional(field.StreamName),
  topic: Type.Optional(field.nullable(field.Topic)),
  archived: Type.Optional(Type.Boolean()),
});
const DeleteStream = field.closed({ s });

/** Operations on the streams of a circle. */
export const streamOperations = (deps: OperationDeps) => {
  const { models, barrier } = deps;
  const ask = createAsk(deps);

  /** Answers with the stream once the read models have applied the command. */
  const withStream = async (name: string, outcome: Promise<Done>): Promise<Answer> => {
    const { events, position } = await outcome;
    await barrier.waitUntilApplied(position);
    const row = await models.streams.get(name);
    if (!row) throw new Refused('not-found');
    const created = events.some(({ k }) => k === 'stream-created');
    return { created, body: { stream: streamView(row) }, position };
  };

  return {
    'create-stream': {
      ...check(CreateStream),
      creates: true,
      run: ({ input, stamp, enqueued }) => {
        const { circle, id, name, topic } = input;
        const about = topic === undefined ? {} : { topic };
        const command = { ...stamp, op: 'create-stream', circle, id, name, ...about } as const;
        return withStream(formatStreamPath(circle, id), ask.circle(circle, command, enqueued));
      },
    } satisfies Operation<Type.Static<typeof CreateStream>>,

    'update-stream': {
      ...check(UpdateStream),
      run: ({ input, stamp, enqueued }) => {
        const { name, topic, archived } = input;
        const { circle, stream: id } = parseStreamPath(input.s);
        const change = {
          ...(name !== undefined && { name }),
          ...(topic !== undefined && { topic }),
          ...(archived !== undefined && { archived }),
        };
        const command = { ...stamp, op: 'update-stream', circle, id, ...change } as const;
        return withStream(input.s, ask.circle(circle, command, enqueued));
      },
    } satisfies Operation<Type.Static<typeof UpdateStream>>,

    'delete-stream': {
      ...check(DeleteStream),
      run: ({ input, stamp, enqueued }) => {
        const { circle, stream: id } = parseStreamPath(input.s);
        const command = { ...stamp, op: 'delete-stream', circle, id } as const;
        return withoutBody(ask.circle(circle, command, enqueued));
      },
    } satisfies Operation<Type.Static<typeof DeleteStream>>,
  };
};
