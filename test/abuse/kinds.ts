import { connectionKinds } from './kinds/connections.ts';
import { frameKinds } from './kinds/frames.ts';
import type { Kind } from './kinds/kind.ts';
import { loginKinds } from './kinds/logins.ts';
import { malformedKinds } from './kinds/malformed.ts';
import { readKinds } from './kinds/reads.ts';

/** Every attack, by its name. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...frameKinds,
  ...connectionKinds,
  ...readKinds,
  ...loginKinds,
  ...malformedKinds,
};
