import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { type ErrorCode, errors, type Problem, problemOf, Refused } from '../app/refusals.ts';
import { defined } from '../runtime/defined.ts';

/** Codes of errors of fastify and its plugins; others are mapped by their status. */
const foreign: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_BAD_URL: 'bad-request',
  FST_ERR_MAX_PARAM_LENGTH: 'bad-request',
};

const byStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'bad-request'],
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [413, 'too-large'],
  [414, 'too-large'],
  [415, 'unsupported'],
  [429, 'rate-limited'],
]);

type Foreign = { readonly code?: unknown; readonly statusCode?: unknown };

/** The client error status of an error of fastify or a plugin. */
const foreignStatus = (error: unknown): number | undefined => {
  const { statusCode } = (error ?? {}) as Foreign;
  const isClients = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClients ? statusCode : undefined;
};

/** Converts anything that was thrown while handling an HTTP request. */
const problemFrom = (error: unknown): Problem => {
  if (error instanceof Refused) return error.problem;
  const { code } = (error ?? {}) as Foreign;
  const status = foreignStatus(error);
  const known = typeof code === 'string' ? foreign[code] : undefined;
  const named = known ?? (status && (byStatus.get(status) ?? 'bad-request'));
  return named ? { code: named, message: errors[named].message } : problemOf(error);
};

/** Whether an error is a fault of the server, to be logged. */
export const isFault = (error: unknown): boolean => problemFrom(error).code === 'internal';

const mediaType = 'application/problem+json';

const bodyOf = ({ code, message, ...more }: Problem, status: number) => ({
  type: 'about:blank',
  title: errors[code].message,
  status,
  code,
  detail: message,
  ...defined({ field: more.field, retryAfter: more.retryAfter, now: more.now }),
  ...defined({ building: more.building }),
});

/**
 * Sends a problem as `application/problem+json` (RFC 9457). `status` differs from that of the code for 405 and 415, and
 * for preconditions, ranges and the like.
 */
export const sendProblem = (
  reply: FastifyReply,
  problem: Problem,
  status: number = errors[problem.code].status,
): FastifyReply => {
  const { retryAfter } = problem;
  if (retryAfter !== undefined) void reply.header('retry-after', Math.ceil(retryAfter / 1000));
  return reply.code(status).type(mediaType).send(bodyOf(problem, status));
};

const unreadable: Readonly<Record<string, { readonly status: number; readonly problem: Problem }>> =
  {
    HPE_HEADER_OVERFLOW: {
      status: 431,
      problem: { code: 'too-large', message: 'The headers are too large.' },
    },
    ERR_HTTP_REQUEST_TIMEOUT: {
      status: 408,
      problem: { code: 'timeout', message: 'The request did not arrive in time.' },
    },
  };

const notHttp = {
  status: 400,
  problem: { code: 'bad-request', message: 'This is not an HTTP request.' },
} as const;

/** Answers what Node cannot parse as a request, and closes the connection. */
export const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  const { status, problem } = unreadable[error.code ?? ''] ?? notHttp;
  if (socket.writable && error.code !== 'ECONNRESET') {
    const body = JSON.stringify(bodyOf(problem, status));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Content-Type: ${mediaType}`,
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy();
};

/** A status that is more specific than that of the code: content type, precondition, range and the like. */
const statusOf = (error: unknown, { code }: Problem): number | undefined => {
  if (code === 'unsupported') return 415;
  const status = foreignStatus(error);
  const isNamed = Object.hasOwn(foreign, String((error as Foreign | undefined)?.code));
  return isNamed || status === undefined || byStatus.has(status) ? undefined : status;
};

/** Sends an error as a response. */
export const sendError = (reply: FastifyReply, error: unknown): FastifyReply => {
  const problem = problemFrom(error);
  const { retryAfter } = (error ?? {}) as { retryAfter?: number };
  return sendProblem(reply, { ...defined({ retryAfter }), ...problem }, statusOf(error, problem));
};
