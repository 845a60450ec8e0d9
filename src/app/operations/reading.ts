import type Type from 'typebox';
import { parseStreamPath } from '../../events/stream-path.ts';
import * as field from '../fields.ts';
import { createGate } from '../gate.ts';
import { check } from '../validation.ts';
import { readingOf } from '../views/reading.ts';
import { keyedQueue } from './keyed-queue.ts';
import type { MarkerMoved, Operation, OperationDeps } from './operation.ts';

const MarkRead = field.closed({ s: field.StreamPath, m: field.Count });

/** Operations on read markers. */
export const readingOperations = ({ actors, models, barrier, notifyRead }: OperationDeps) => {
  const inOrder = keyedQueue();
  const gate = createGate(actors);

  /**
   * Moves a user's read marker forward, notifies their other connections, and returns its position. The newest message
   * comes from the actor: read models that lag would cut off messages that they have not applied yet.
   */
  const advance = async ({ user, s, m, conn }: MarkerMoved): Promise<number> => {
    const { circle, stream } = parseStreamPath(s);
    const last = await actors.newestMessage(circle, stream);
    const { read, joined } = await readingOf(models, user, s);
    const target = Math.min(m, last);
    // Without the applied membership, nothing is known of what was read since.
    const isKnown = joined > 0;
    if (isKnown && target <= read) return Math.min(read, last);
    const moved = await models.markers.advance(user, s, { m: target, joined });
    notifyRead({ user, s, m: moved, conn });
    return moved;
  };

  return {
    'mark-read': {
      ...check(MarkRead),
      isUnrecorded: true,
      run: async ({ caller, input: { s, m }, stamp: { conn }, enqueued }) => {
        const { user } = caller;
        await gate(caller, s);
        await barrier.waitForSession(caller.seen);
        // Two concurrent updates would both find the marker behind, and notify twice or in the wrong order.
        const read = await inOrder(`${user}/${s}`, () => advance({ user, s, m, conn }));
        enqueued();
        return { created: false, body: { read } };
      },
    } satisfies Operation<Type.Static<typeof MarkRead>>,
  };
};
