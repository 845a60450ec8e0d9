import Type from 'typebox';
import type { CircleCommand } from '../../actors/circle/commands.ts';
import type { CircleId, StreamId } from '../../events/ids.ts';
import { streamView } from '../../projections/models/streams.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { type Answer, done, type Operation, type OperationDeps } from './operation.ts';

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

/** The circle and the stream that a stream's name on the wire is made of. */
export const placeOf = (name: string): { circle: CircleId; stream: StreamId } => ({
  circle: name.slice(0, 36) as CircleId,
  stream: name.slice(37) as StreamId,
});

/** What people do with the streams of a circle. */
export const streamOperations = (deps: OperationDeps) => {
  const { actors, models, barrier } = deps;

  const ask = async (circle: CircleId, command: CircleCommand, handed: () => void) => {
    const outcome = actors.askCircle(circle, command);
    handed();
    const { seq, events } = await done(outcome);
    const created = events.some(({ k }) => k === 'stream-created');
    return { created, position: { partition: deps.partitionOf(circle), seq } };
  };

  /** The stream as it is once the read models show the command's effect. */
  const withStream = async (name: string, answer: Promise<Answer>) => {
    const { created, position } = await answer;
    if (position) await barrier.waitUntilApplied(position);
    const row = await models.streams.get(name);
    if (!row) throw new Refused('not-found');
    return { created, body: { stream: streamView(row) }, ...(position && { position }) };
  };

  return {
    'create-stream': {
      ...check(CreateStream),
      creates: true,
      run: ({ input, stamp, handed }) => {
        const { circle, id, name, topic } = input;
        const about = topic === undefined ? {} : { topic };
        const command = { ...stamp, op: 'create-stream', circle, id, name, ...about } as const;
        return withStream(`${circle}/${id}`, ask(circle as CircleId, command, handed));
      },
    } satisfies Operation<Type.Static<typeof CreateStream>>,

    'update-stream': {
      ...check(UpdateStream),
      run: ({ input, stamp, handed }) => {
        const { name, topic, archived } = input;
        const { circle, stream: id } = placeOf(input.s);
        const change = {
          ...(name !== undefined && { name }),
          ...(topic !== undefined && { topic }),
          ...(archived !== undefined && { archived }),
        };
        const command = { ...stamp, op: 'update-stream', circle, id, ...change } as const;
        return withStream(input.s, ask(circle, command, handed));
      },
    } satisfies Operation<Type.Static<typeof UpdateStream>>,

    'delete-stream': {
      ...check(DeleteStream),
      run: async ({ input, stamp, handed }) => {
        const { circle, stream: id } = placeOf(input.s);
        const { position } = await ask(
          circle,
          { ...stamp, op: 'delete-stream', circle, id },
          handed,
        );
        return { created: false, position };
      },
    } satisfies Operation<Type.Static<typeof DeleteStream>>,
  };
};
