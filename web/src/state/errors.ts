import { OshiError } from '../../../src/client/error.ts';
import { capitalized } from './labels.ts';

const words: Readonly<Record<string, string>> = {
  unauthenticated: 'You are no longer logged in.',
  forbidden: 'You do not have permission to do this.',
  'not-found': 'This does not exist, or you do not have access to it.',
  'username-taken': 'This username is taken.',
  archived: 'This stream is archived and read-only.',
  'invite-invalid': 'This invite is invalid or has expired.',
  'too-large': 'This is too long.',
  'rate-limited': 'Too many requests. Wait a moment and try again.',
  'slow-mode': 'Slow mode is on: wait a moment before you post again.',
  internal: 'Internal server error. Try again.',
  'out-of-space':
    'The server is out of space and accepts nothing new for now. Reading and deleting still work.',
  unavailable: 'The server cannot be reached. Try again in a moment.',
  timeout: 'The server took too long to respond. Try again.',
  closed: 'The connection was closed before the request completed.',
};

/** The text of an error for the user. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof OshiError)) return 'Something went wrong. Try again.';
  return words[error.code] ?? sentence(error.message);
};

/** The stable code of an error from the server. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof OshiError ? error.code : undefined;

/** The form field of an error, if any. */
export const fieldOf = (error: unknown): string | undefined =>
  error instanceof OshiError ? error.field : undefined;

/** Rejects with this text for the user if the error has this code. */
export const withText = async <T>(done: Promise<T>, code: string, text: string): Promise<T> => {
  try {
    return await done;
  } catch (cause) {
    if (codeOf(cause) !== code) throw cause;
    throw new OshiError(text, { code: 'explained', field: fieldOf(cause), cause });
  }
};

const sentence = (text: string): string => `${capitalized(text)}${/[.!?]$/.test(text) ? '' : '.'}`;
