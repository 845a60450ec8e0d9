import { OshiError } from '../../client/error.ts';

/** Converts an error of the server at `url` into one line that says what to do. */
export const understandable = (error: unknown, url: string): unknown => {
  if (!(error instanceof OshiError)) return error;
  return new Error(lineOf(error, url), { cause: error });
};

const lineOf = ({ code, message, retryAfter, cause }: OshiError, url: string): string => {
  if (code === 'unauthenticated') {
    return `your session at ${url} has ended; log in again: oshi chat login ${url}`;
  }
  if (code === 'unavailable' && cause !== undefined) {
    return `${url} does not respond; check the address, and that the server is running`;
  }
  if (code === 'internal' && /^status \d+$/.test(message)) {
    return `${url} does not respond like an Oshi server (${message}); check the address`;
  }
  if (retryAfter !== undefined) {
    return `${message.replace(/\.$/, '')}; try again in ${Math.ceil(retryAfter / 1000)} s`;
  }
  return message;
};
