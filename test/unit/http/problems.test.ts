import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { errors, Refused } from '../../../src/app/refusals.ts';
import { isFault, sendError } from '../../../src/http/problems.ts';

/** What is answered over HTTP when something is thrown. */
const answerTo = async (thrown: unknown) => {
  const app = fastify();
  onTestFinished(() => app.close());
  app.get('/', (_request, reply) => sendError(reply, thrown));
  const { statusCode, headers, body } = await app.inject({ url: '/' });
  return {
    statusCode,
    type: headers['content-type'],
    wait: headers['retry-after'],
    body: JSON.parse(body),
  };
};

const thrown = (statusCode: number, code?: string): Error =>
  Object.assign(new Error('secret'), { statusCode, ...(code !== undefined && { code }) });

test('an error of the client’s that a plugin has thrown keeps its status, and is no fault', async () => {
  for (let status = 400; status < 500; status++) {
    const error = thrown(status);
    expect(isFault(error), `${status}`).toBe(false);
    const { statusCode, type, body } = await answerTo(error);
    const { code, status: written, detail } = body as Record<string, string | number>;
    expect(Object.keys(errors), `${status}`).toContain(code);
    expect([Math.floor(statusCode / 100), written]).toEqual([4, statusCode]);
    expect(type).toMatch(/^application\/problem\+json/);
    expect(detail).not.toContain('secret');
  }
});

test.for([
  [412, undefined, 412, 'bad-request'],
  [416, undefined, 416, 'bad-request'],
  [403, undefined, 403, 'forbidden'],
  [414, 'FST_ERR_MAX_PARAM_LENGTH', 400, 'bad-request'],
  [415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported'],
  [400, 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400, 'bad-request'],
] as const)('%s %s is answered with %s %s', async ([status, code, answered, known]) => {
  const { statusCode, body } = await answerTo(thrown(status, code));
  expect([statusCode, body.code]).toEqual([answered, known]);
});

test('everything else is a fault, whatever was thrown', async () => {
  for (const each of [
    thrown(500),
    thrown(503),
    thrown(200),
    new Error('x'),
    'text',
    null,
    undefined,
  ]) {
    expect(isFault(each)).toBe(true);
    const { statusCode, body } = await answerTo(each);
    expect([statusCode, body.code, body.detail]).toEqual([
      500,
      'internal',
      errors.internal.message,
    ]);
  }
});

test('when to try again is said in ms and in seconds', async () => {
  const { statusCode, wait, body } = await answerTo(
    new Refused('rate-limited', { retryAfter: 1500 }),
  );
  expect([statusCode, wait, body.retryAfter]).toEqual([429, '2', 1500]);
});
