import { type ActorRefFrom, createActor } from 'xstate';
import type { ConnectionId, SessionId, UserId } from '../../events/ids.ts';
import { event } from '../../events/kinds/kinds.ts';
import { connectionMachine } from './machine.ts';
import type { ConnectionRecorder } from './recorder.ts';

export type ConnectionActorOptions = {
  readonly id: ConnectionId;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly recorder: ConnectionRecorder;
  readonly now: () => number;
};

/** The close code of a socket that closed without one (RFC 6455, section 7.1.5). */
const gone = 1006;

/** Close codes from here on are sent by the server: it ended the connection. */
const ownCodesFrom = 4000;

/** A running connection: its state, and the record of its events. */
export class ConnectionActor {
  frames = 0;
  commands = 0;
  readonly #options: ConnectionActorOptions;
  readonly #lifecycle: ActorRefFrom<typeof connectionMachine>;
  #user: UserId | undefined;
  #session: SessionId | undefined;
  #state: 'greeting' | 'open' | 'draining' | 'closed' = 'greeting';
  #code = gone;

  constructor(options: ConnectionActorOptions) {
    this.#options = options;
    this.#lifecycle = createActor(connectionMachine);
    this.#lifecycle.subscribe({
      next: ({ value }) => {
        this.#state = value;
      },
      error: () => {
        this.#state = 'closed';
      },
    });
    this.#lifecycle.start();
  }

  get isGreeting(): boolean {
    return this.#state === 'greeting';
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The client has logged in, or has renewed its login with another session of the same user. */
  greet({ user, session }: { readonly user: UserId; readonly session: SessionId }): void {
    const { id, address, userAgent } = this.#options;
    if (this.isGreeting) {
      this.#lifecycle.send({ type: 'greeted' });
      const agent = userAgent === undefined ? {} : { userAgent };
      this.#record(user, event('connection-opened', { id, session, address, ...agent }));
    } else if (session !== this.#session) {
      this.#record(user, event('connection-renewed', { id, session }));
    }
    this.#user = user;
    this.#session = session;
  }

  /** The connection is about to be closed with this code. */
  drain(code: number): void {
    this.#code = code;
    this.#lifecycle.send({ type: 'drain' });
  }

  /** The socket has closed with this code. */
  close(code: number): void {
    if (this.#state === 'closed') return;
    const closedBy = this.#state === 'draining' ? this.#code : code;
    this.#lifecycle.send({ type: 'gone' });
    if (this.#user === undefined) return;
    const { frames, commands } = this;
    const { id } = this.#options;
    const what = { id, code: closedBy, frames, commands };
    const kind = closedBy < ownCodesFrom ? 'connection-closed' : 'connection-ended';
    this.#record(this.#user, event(kind, what));
  }

  #record(user: UserId, happened: Parameters<ConnectionRecorder['record']>[2]): void {
    const { recorder, now } = this.#options;
    recorder.record(user, now(), happened);
  }
}
