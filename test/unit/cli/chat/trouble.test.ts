import { expect, test } from 'vitest';
import { understandable } from '../../../../src/cli/chat/trouble.ts';
import { OshiError } from '../../../../src/client/error.ts';

test('a message of the server and the time to retry after are one sentence', () => {
  const error = new OshiError('Too many commands.', { code: 'rate-limited', retryAfter: 1500 });
  expect(understandable(error, 'http://x')).toMatchObject({
    message: 'Too many commands; try again in 2 s',
  });
});
