import type { EventKind } from './kinds/kinds.ts';

/** The kind and data of an event in a later version. */
export type Upcast = { readonly k: EventKind; readonly v: number; readonly d: object };

/**
 * How an event of an old version becomes one of a later version, perhaps of another kind: `upcasters[kind][v]` takes
 * the data of version `v`. One event stays one event, since its number is its position in the chain. Pure, and kept
 * permanently, since the log is never rewritten.
 */
export const upcasters: {
  readonly [K in EventKind]?: Readonly<Record<number, (d: never) => Upcast>>;
} = {
  'session-opened': {
    // What was called a token is the digest of one.
    1: ({ token, ...rest }: { readonly token: string }) => ({
      k: 'session-opened',
      v: 2,
      d: { ...rest, digest: token },
    }),
  },
  'connection-closed': {
    // Codes from 4000 on are sent by the server: it ended the connection.
    1: (d: { readonly code: number }) =>
      d.code < 4000 ? { k: 'connection-closed', v: 2, d } : { k: 'connection-ended', v: 1, d },
  },
};

/** Kinds of which older versions became another kind. */
const split: { readonly [K in EventKind]?: readonly EventKind[] } = {
  'connection-ended': ['connection-closed'],
};

/** The kinds under which events of a kind are stored: its own, and those that it was split from. */
export const storedAs = (kind: EventKind): readonly EventKind[] => [kind, ...(split[kind] ?? [])];
