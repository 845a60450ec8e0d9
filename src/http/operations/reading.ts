import type Type from 'typebox';
import * as field from '../fields.ts';
import { refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { readingOf } from '../views/reading.ts';
import type { Operation, OperationDeps } from './operation.ts';
import { placeOf } from './streams.ts';

const MarkRead = field.closed({ s: field.StreamPath, m: field.Count });

/** What people do about what they have read. */
export const readingOperations = ({ actors, models, reader, tellRead }: OperationDeps) => ({
  'mark-read': {
    ...check(MarkRead),
    run: async ({ caller: { user, seen }, input: { s, m }, stamp, handed }) => {
      const { circle, stream } = placeOf(s);
      const refusal = await actors.refuseReader(user, circle, stream);
      if (refusal) throw refused(refusal);
      await reader.ready(seen);
      const last = (await models.streams.get(s))?.last ?? 0;
      const { read: before, joined } = await readingOf(models, user, s);
      const wanted = Math.min(m, last);
      let read = Math.min(before, last);
      if (wanted > read) {
        read = await models.markers.advance(user, s, { m: wanted, joined });
        tellRead({ user, s, m: read, conn: stamp.conn });
      }
      handed();
      return { created: false, body: { read } };
    },
  } satisfies Operation<Type.Static<typeof MarkRead>>,
});
