import { expect, test } from 'vitest';
import { eventKey } from '../../../src/events/event-key.ts';
import {
  BadFilter,
  filterFrom,
  rangeFor,
  type WrittenFilter,
} from '../../../src/history/filters.ts';
import { numbered } from '../../support/generators/chatter.ts';

const someone = numbered(1);

const faultOf = (written: WrittenFilter): readonly [string, string] | undefined => {
  try {
    filterFrom(written);
    return undefined;
  } catch (error) {
    if (!(error instanceof BadFilter)) throw error;
    return [error.field, error.message];
  }
};

test('a filter is read as it is written', () => {
  expect(filterFrom({})).toEqual({});
  expect(
    filterFrom({
      ...{ by: someone, user: someone, stream: someone, kind: 'message-deleted' },
      ...{ since: '2026-03-03', until: '1772546700000', after: '3:77' },
    }),
  ).toEqual({
    ...{ by: someone, user: someone, stream: someone, kind: 'message-deleted' },
    ...{ since: Date.UTC(2026, 2, 3), until: 1_772_546_700_000 },
    after: { partition: 3, seq: 77 },
  });
  expect(filterFrom({ since: '2026-03-03T14:05+01:00' }).since).toBe(Date.UTC(2026, 2, 3, 13, 5));
  expect(faultOf({ since: '2026-03-03', until: '2026-03-03' })).toBeUndefined();
});

test.each([
  [{ kind: 'mesage-deletd' }, 'kind', /did you mean message-deleted\?/],
  [{ kind: 'session-opened' }, 'kind', /is not a kind of event of circles/],
  [{ kind: 'x'.repeat(100_000) }, 'kind', /did you mean/],
  [{ since: '03.03.2026' }, 'since', /2026-03-03T14:05:00Z/],
  [{ until: '2026-02-30' }, 'until', /must be a time/],
  [{ since: '2', until: '1' }, 'until', /before since/],
  [{ after: '0:' }, 'after', /<partition>:<seq>/],
  [{ by: 'ANN' }, 'by', /UUID/],
  [{ user: '' }, 'user', /UUID/],
] as const)(
  'a filter that cannot be understood says how it should look: %j',
  (written, field, message) => {
    expect(faultOf(written)?.[0]).toBe(field);
    expect(faultOf(written)?.[1]).toMatch(message);
  },
);

test('times and positions become a stretch, with room for a clock that was set back', async () => {
  // One event a second, each at a place of ten times its second.
  const trail = {
    placeAt: async (_: string, at: number) => Math.max(0, Math.floor(at / 1000)) * 10,
  };
  const head = async () => 0;
  const deps = { trail, log: { head, at: async () => [] } };
  const where = { circle: 'c', partition: 2 };
  const second = (count: number) => count * 1000;
  expect(await rangeFor(deps, where, {})).toEqual({ from: 0 });
  expect(await rangeFor(deps, where, { since: second(5), until: second(9) })).toEqual({
    ...{ from: 21, until: 110 },
  });
  const after = { partition: 2, seq: 4 };
  expect(await rangeFor(deps, where, { after, since: second(5) })).toEqual({
    from: eventKey(5, 0),
  });
  expect(await rangeFor(deps, where, { after, until: second(9) })).toBeUndefined();
  await expect(rangeFor(deps, where, { after: { partition: 1, seq: 4 } })).rejects.toThrow(/2:…/);
});
