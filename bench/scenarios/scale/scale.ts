import type { Figure } from '../../stage/figures.ts';
import type { Place } from '../../stage/oshi.ts';
import { circles } from './circles.ts';
import { connections } from './connections.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';

type Options = { readonly share: number };

/** A scenario up to a share of a size, but no less than `min`. */
const upTo =
  (size: number, min: number, run: (place: Place, size: number) => Promise<Figure[]>) =>
  (place: Place, { share }: Options): Promise<Figure[]> =>
    run(place, Math.max(min, Math.round(size * share)));

/** What things cost at both ends of the ranges that Oshi is made for. */
export const scale = {
  'scale-members': upTo(300_000, 3000, members),
  'scale-messages': upTo(1_000_000, 10_000, messages),
  'scale-circles': upTo(10_000, 1000, circles),
  'scale-connections': upTo(10_000, 1000, connections),
};
