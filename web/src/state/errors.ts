import { OshiError } from '../../../src/client/error.ts';

const words: Readonly<Record<string, string>> = {
  unauthenticated: 'You are not logged in any more.',
  forbidden: 'You may not do this here.',
  'not-found': 'This is not there, or not for you.',
  'username-taken': 'This username is taken.',
  archived: 'This stream is archived: it can be read, but nothing can be added.',
  'invite-invalid': 'This invite is not valid (any more).',
  'too-large': 'This is too long.',
  'rate-limited': 'That was a little fast. Wait a moment and try again.',
  'slow-mode': 'This stream is slow: wait a moment before you post again.',
  internal: 'The server made a mistake. Try again.',
  unavailable: 'The server cannot be reached. Try again in a moment.',
  timeout: 'The server took too long. Try again.',
  closed: 'The connection was closed before this was done.',
};

/** What went wrong, for people. */
export const wordsFor = (error: unknown): string => {
  if (!(error instanceof OshiError)) return 'Something went wrong. Try again.';
  return words[error.code] ?? sentence(error.message);
};

/** The stable code of what the server refused. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof OshiError ? error.code : undefined;

/** The field of a form that an error is about, if it is about one. */
export const fieldOf = (error: unknown): string | undefined =>
  error instanceof OshiError ? error.field : undefined;

const sentence = (text: string): string => {
  const first = text.charAt(0).toLocaleUpperCase();
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
};
