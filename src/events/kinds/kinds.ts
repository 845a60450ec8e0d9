import type * as Type from 'typebox';
import type { AggregateKind } from '../aggregate.ts';
import { circleKinds } from './circle.ts';
import { connectionKinds } from './connection.ts';
import { nameKinds } from './name.ts';
import { streamKinds } from './stream.ts';
import { userKinds } from './user.ts';

export const kindsOf = {
  user: userKinds,
  circle: circleKinds,
  stream: streamKinds,
  name: nameKinds,
  connection: connectionKinds,
} satisfies Record<AggregateKind, Record<string, Type.TSchema>>;

const schemas = { ...userKinds, ...circleKinds, ...streamKinds, ...nameKinds, ...connectionKinds };

/** The kind of an event: its name in the log, on the wire and in every filter. */
export type EventKind = keyof typeof schemas;

export type DataOf<K extends EventKind> = Type.Static<(typeof schemas)[K]>;

/** An event of kind `K`, without user and time. */
export type EventOf<K extends EventKind> = {
  readonly k: K;
  readonly v: number;
  readonly d: DataOf<K>;
};

/** Any event that this version of Oshi knows; a union on `k`. */
export type KnownEvent = { [K in EventKind]: EventOf<K> }[EventKind];

export type EventIn<A extends AggregateKind> = {
  [K in keyof (typeof kindsOf)[A] & EventKind]: EventOf<K>;
}[keyof (typeof kindsOf)[A] & EventKind];

/** The schema of each kind's data in its newest version. */
export const schemaOf: { readonly [K in EventKind]: Type.TSchema } = schemas;

const named = (mark: 'x-shown' | 'x-managers') => {
  const all = Object.entries(schemas).map(([kind, schema]) => {
    const { [mark]: names } = schema as unknown as { readonly [mark: string]: readonly string[] };
    return [kind, new Set(names)] as const;
  });
  const byKind = new Map<string, ReadonlySet<string>>(all);
  const none: ReadonlySet<string> = new Set();
  return (kind: EventKind): ReadonlySet<string> => byKind.get(kind) ?? none;
};

/** The fields of a kind that all subscribers of the event stream receive. */
export const shownIn = named('x-shown');

/** The fields of a kind that only subscribers receive who may manage the circle. */
export const managersSee = named('x-managers');

/** The newest version of each kind whose version is not 1. */
const versions: Partial<Record<EventKind, number>> = {
  'session-opened': 2,
  'connection-closed': 2,
};

export const versionOf = (kind: EventKind): number => versions[kind] ?? 1;

export const isKnownKind = (kind: string): kind is EventKind => Object.hasOwn(schemas, kind);

/** A new event of the newest version of its kind. */
export const event = <K extends EventKind>(k: K, d: DataOf<K>): EventOf<K> => ({
  k,
  v: versionOf(k),
  d,
});
