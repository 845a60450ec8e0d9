import { parseStreamPath } from '../../events/stream-path.ts';
import * as field from '../fields.ts';
import { createGate } from '../gate.ts';
import { readingOf } from '../views/reading.ts';
import { keyedQueue } from './keyed-queue.ts';
import { type MarkerMoved, type Operation, type OperationDeps, operation } from './operation.ts';

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
      ...operation('upkeep', { s: field.StreamPath, m: field.Count }, async (request) => {
        const { caller, input, stamp, enqueued } = request;
        const { s, m } = input;
        const { user } = caller;
        await gate(caller, s);
        await barrier.waitForSession(caller.seen);
        const marker = { user, s, m, conn: stamp.conn };
        // Two concurrent updates would both find the marker behind, and notify twice or in the wrong order.
        const read = await inOrder(`${user}/${s}`, () => advance(marker));
        enqueued();
        return { created: false, body: { read } };
      }),
      isUnrecorded: true,
    } satisfies Operation,
  };
};
