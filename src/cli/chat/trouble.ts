import { OshiError } from '../../client/error.ts';

/** What went wrong at the server at `url`, as one line that says what to do. */
export const understandable = (error: unknown, url: string): unknown => {
  if (!(error instanceof OshiError)) return error;
  return new Error(lineOf(error, url), { cause: error });
};

const lineOf = ({ code, message, retryAfter, cause }: OshiError, url: string): string => {
  if (code === 'unauthenticated') {
    return `you are not logged in at ${url} any more; log in again: oshi chat login ${url}`;
  }
  if (code === 'unavailable' && cause !== undefined) {
    return `${url} does not answer; check the address, and that the server runs`;
  }
  if (code === 'internal' && /^status \d+$/.test(message)) {
    return `${url} does not answer as an Oshi server does (${message}); check the address`;
  }
  if (retryAfter !== undefined) {
    return `${message}; try again in ${Math.ceil(retryAfter / 1000)} s`;
  }
  return message;
};
