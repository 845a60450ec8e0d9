/** The part of a circle that decides who may do what in it. */
export type CircleAccess = {
  readonly status: 'none' | 'open' | 'deleted';
  readonly kind: 'circle' | 'direct';
  readonly owner?: string;
  readonly visibility: 'public' | 'private';
  readonly members: { has(user: string): boolean };
  readonly streams: {
    get(stream: string): { readonly status: 'open' | 'archived' | 'deleted' } | undefined;
  };
};

/** What a user may do in a circle, or in one of its streams. */
export type Access = {
  /** Why the user may not read it; undefined if they may. */
  readonly refusal: 'forbidden' | 'not-found' | undefined;
  /** May change the circle, its streams, its invites and its members, and read its history. */
  readonly manages: boolean;
  readonly pins: boolean;
};

const none = { manages: false, pins: false };

/** What a user may do in a circle, or in the given stream of it. */
export const accessOf = (circle: CircleAccess, user: string, stream?: string): Access => {
  const refusal = outsiderRefusal(circle, user);
  if (refusal) return { refusal, ...none };
  const status = stream === undefined ? 'open' : circle.streams.get(stream)?.status;
  if (status === undefined || status === 'deleted') return { refusal: 'not-found', ...none };
  const manages = circle.owner === user;
  return { refusal: undefined, manages, pins: manages || circle.kind === 'direct' };
};

/**
 * Why a user is no member: `forbidden` in a public circle, which everyone may see. A private one answers `not-found`,
 * as if it did not exist, so that the two cannot be told apart. Undefined for members.
 */
const outsiderRefusal = (
  { status, visibility, members }: CircleAccess,
  user: string,
): Access['refusal'] => {
  if (status !== 'open') return 'not-found';
  if (members.has(user)) return undefined;
  return visibility === 'public' ? 'forbidden' : 'not-found';
};
