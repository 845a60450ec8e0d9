import WebSocket from 'ws';
import { type Client, connect } from '../../client/client.ts';
import { OshiError } from '../../client/error.ts';
import { Http } from '../../client/http.ts';
import { abortAfter } from '../../runtime/timers.ts';
import { openOutput } from '../terminal/output.ts';
import { currentLogin } from './login-file.ts';
import { understandable } from './trouble.ts';

/** A logged-in session at a server. */
export type Visit = {
  readonly url: string;
  readonly http: Http;
  /** Runs `act` with a connection, which reconnects after an interruption, and closes it. */
  connected<Result>(act: (client: Client) => Promise<Result>): Promise<Result>;
};

/** The timeout of requests, in ms. */
const answerMs = 30_000;

/** Node.js has a built-in WebSocket from version 22 on. */
class Socket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { handshakeTimeout: answerMs });
  }
}

/** `fetch` with a timeout, and with a user agent for the list of sessions. */
const fetcher: typeof fetch = (address, request) => {
  const headers = { ...(request?.headers as Record<string, string>), 'user-agent': 'oshi chat' };
  return fetch(address, { ...request, headers, signal: abortAfter(answerMs) });
};

/** An HTTP client of the server at `url`, with or without a token. */
export const httpOf = (url: string, token?: string): Http =>
  new Http({ url, token, fetch: fetcher });

/** Runs `act` as the logged-in user. Rejects with one line that says what is wrong and what to do. */
export const visit = async (act: (visit: Visit) => Promise<void>): Promise<void> => {
  openOutput();
  const { url, token } = await currentLogin();
  try {
    await act({
      url,
      http: httpOf(url, token),
      connected: (use) => connected({ url, token }, use),
    });
  } catch (error) {
    throw understandable(error, url);
  }
};

/** Fails if the first attempt to connect fails; a connection that was open reconnects. */
const connected = async <Result>(
  login: { readonly url: string; readonly token: string },
  act: (client: Client) => Promise<Result>,
): Promise<Result> => {
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let hasOpened = false;
  const client = connect({
    ...login,
    WebSocket: Socket,
    onState(state) {
      if (state.state === 'open') hasOpened = true;
      if (state.state === 'closed' && state.code !== 1000) {
        const code = state.code === 4401 ? 'unauthenticated' : 'closed';
        fail(new OshiError(state.reason, { code }));
      }
      if (state.state !== 'waiting') return;
      if (hasOpened) process.stderr.write('oshi: connection lost; reconnecting\n');
      else fail(new OshiError(state.reason, { code: 'unavailable', cause: state.reason }));
    },
  });
  try {
    return await Promise.race([act(client), failed]);
  } finally {
    client.close();
  }
};
