import * as Type from 'typebox';
import type { Done } from '../../actors/outcome.ts';
import { formatStreamPath, parseStreamPath } from '../../events/stream-path.ts';
import { streamView } from '../../projections/models/streams.ts';
import { defined } from '../../runtime/defined.ts';
import * as field from '../fields.ts';
import { createAsk, withoutBody } from './asking.ts';
import { type Answer, type Operation, type OperationDeps, operation } from './operation.ts';

const NewStream = {
  circle: field.Uuid,
  id: field.Uuid7,
  name: field.StreamName,
  topic: Type.Optional(field.Topic),
};
const StreamChange = {
  s: field.StreamPath,
  name: Type.Optional(field.StreamName),
  topic: Type.Optional(field.nullable(field.Topic)),
  archived: Type.Optional(Type.Boolean()),
};

/** Operations on the streams of a circle. */
export const streamOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);

  const withStream = (s: string, outcome: Promise<Done>): Promise<Answer> =>
    ask.answer(outcome, async () => {
      const row = await deps.models.streams.get(s);
      return row && { stream: streamView(row) };
    });

  return {
    'create-stream': {
      ...operation('content', NewStream, (request) => {
        const { circle, id, name, topic } = request.input;
        const command = { op: 'create-stream', circle, id, name, ...defined({ topic }) } as const;
        return withStream(formatStreamPath(circle, id), ask.circle(request, circle, command));
      }),
      creates: true,
    } satisfies Operation,

    'update-stream': operation(['name', 'topic'], StreamChange, (request) => {
      const { s, name, topic, archived } = request.input;
      const { circle, stream: id } = parseStreamPath(s);
      const change = defined({ name, topic, archived });
      const command = { op: 'update-stream', circle, id, ...change } as const;
      return withStream(s, ask.circle(request, circle, command));
    }),

    'delete-stream': operation('upkeep', { s: field.StreamPath }, (request) => {
      const { circle, stream: id } = parseStreamPath(request.input.s);
      return withoutBody(ask.circle(request, circle, { op: 'delete-stream', circle, id }));
    }),
  };
};
