import type { FastifyReply } from 'fastify';
import { type ErrorCode, errors, type Problem, problemOf, Refused } from './refusals.ts';

/** What fastify and its plugins throw, by its code; everything else of theirs goes by its status. */
const foreign: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_BAD_URL: 'bad-request',
  FST_ERR_MAX_PARAM_LENGTH: 'bad-request',
};

const byStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'bad-request'],
  [404, 'not-found'],
  [413, 'too-large'],
  [414, 'too-large'],
  [415, 'unsupported'],
  [429, 'rate-limited'],
]);

type Foreign = { readonly code?: unknown; readonly statusCode?: unknown };

/** What to say of anything that was thrown on the way to an answer over HTTP. */
const problemFrom = (error: unknown): Problem => {
  if (error instanceof Refused) return error.problem;
  const { code, statusCode } = error as Foreign;
  const known = typeof code === 'string' ? foreign[code] : undefined;
  const named = known ?? (typeof statusCode === 'number' ? byStatus.get(statusCode) : undefined);
  return named === undefined ? problemOf(error) : { code: named, message: errors[named].message };
};

/** Whether something is a fault of the server's, which its log should know of. */
export const isFault = (error: unknown): boolean => problemFrom(error).code === 'internal';

/** A problem as `application/problem+json` (RFC 9457). `status` differs from the code's own for 405 and 415. */
export const sendProblem = (
  reply: FastifyReply,
  problem: Problem,
  status?: number,
): FastifyReply => {
  const { code, message, field, retryAfter } = problem;
  const known = status ?? errors[code].status;
  if (retryAfter !== undefined) void reply.header('retry-after', Math.ceil(retryAfter / 1000));
  return reply
    .code(known)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: errors[code].message,
      status: known,
      code,
      detail: message,
      ...(field !== undefined && { field }),
      ...(retryAfter !== undefined && { retryAfter }),
    });
};

/** Answers with what was thrown. */
export const sendError = (reply: FastifyReply, error: unknown): FastifyReply => {
  const problem = problemFrom(error);
  const { retryAfter } = error as { retryAfter?: number };
  const wait = retryAfter === undefined ? {} : { retryAfter };
  return sendProblem(
    reply,
    problem.retryAfter === undefined ? { ...problem, ...wait } : problem,
    problem.code === 'unsupported' ? 415 : undefined,
  );
};
