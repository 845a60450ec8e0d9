import * as Type from 'typebox';
import {
  type EventKind,
  kindsOf,
  managersSee,
  schemaOf,
  shownIn,
} from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import type { ObjectSchema } from './components.ts';

/** The kinds of event that a client may receive, by event stream. */
export const kindsIn = {
  me: Object.keys(kindsOf.user) as EventKind[],
  circle: Object.keys(kindsOf.circle) as EventKind[],
  stream: Object.keys(kindsOf.stream) as EventKind[],
} as const;

/** The fields that an event lacks once its message was deleted, and the field that it has instead. */
const texts = ['text', 'mentions'];
const gone = Type.Literal(true, {
  description: 'The message was deleted: `text` and `mentions` are not sent any more.',
});

/** The data of a kind of event as sent to clients. Fields that are not sent to all, or not always, are optional. */
const shownOf = (kind: EventKind): Type.TSchema => {
  const { properties, required = [] } = schemaOf[kind] as unknown as ObjectSchema;
  const managers = managersSee(kind);
  const names = Object.keys(properties).filter(
    (name) => shownIn(kind).has(name) || managers.has(name),
  );
  const shown = Object.fromEntries(names.map((name) => [name, properties[name]]));
  const optional = [...managers, ...texts];
  return {
    type: 'object',
    properties: names.includes('text') ? { ...shown, gone } : shown,
    required: names.filter((name) => required.includes(name) && !optional.includes(name)),
  } as Type.TSchema;
};

/** An event of one kind in an `events` frame. */
export const eventForm = (kind: EventKind): Type.TSchema => {
  const { description } = schemaOf[kind] as { readonly description?: string };
  return Type.Object(
    {
      n: Type.Integer({ minimum: 1 }),
      at: Type.Integer({ minimum: 0 }),
      by: Type.String({ format: 'uuid' }),
      k: Type.Literal(kind),
      d: shownOf(kind),
    },
    { title: kind, ...defined({ description }) },
  );
};

/** The frame with one or more events, in order. */
export const EventsFrame = Type.Object({
  t: Type.Literal('events'),
  s: Type.String({ description: '`me`, `<circle id>` or `<circle id>/<stream id>`' }),
  e: Type.Array(Type.Union(Object.values(kindsIn).flat().map(eventForm)), { minItems: 1 }),
});
