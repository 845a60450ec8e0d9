import WebSocket from 'ws';
import { type Client, connect } from '../../../src/client/client.ts';
import type { State } from '../../../src/client/link.ts';
import { platform } from '../../../src/client/surroundings.ts';

/** A client of the project's own whose plug the test can pull. */
export type PluggedClient = {
  readonly client: Client;
  /** What has become of the connection, in order. */
  readonly states: readonly State[];
  /** The connection is lost without a word. */
  cut(): void;
};

/** No timer takes longer, in ms: a client that waits before it reconnects would only make tests long. */
const timerMsMax = 150;

export const pluggedClient = (url: string, token: string): PluggedClient => {
  const sockets: WebSocket[] = [];
  const states: State[] = [];
  const Pluggable = class extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  };
  const client = connect({
    url,
    token,
    WebSocket: Pluggable,
    surroundings: {
      ...platform,
      setTimer: (run, ms) => platform.setTimer(run, Math.min(ms, timerMsMax)),
    },
    onState: (state) => states.push(state),
  });
  return { client, states, cut: () => sockets.at(-1)?.terminate() };
};
