import { expect, test } from 'vitest';
import { Unreadable } from '../../../src/actors/unreadable.ts';
import { problemOf, refused } from '../../../src/app/refusals.ts';
import { LogUnavailable } from '../../../src/events/log.ts';

test('what cannot be read now is unavailable with retryAfter; what cannot be read at all, without', () => {
  expect(problemOf(new LogUnavailable('away'))).toMatchObject({
    code: 'unavailable',
    retryAfter: expect.any(Number),
  });
  const unreadable = new Unreadable('damaged', 'stream.a.b: its chain is broken');
  for (const problem of [problemOf(unreadable), refused(unreadable.refusal).problem]) {
    expect(problem).toEqual({
      code: 'unavailable',
      message: expect.stringMatching(
        /^What is stored of this is damaged; .*restored it from a backup\.$/,
      ),
    });
  }
});
