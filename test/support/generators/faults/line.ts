import type { Person } from '../../fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../../fixtures/server-socket.ts';
import { Door, type FaultNode } from './node.ts';
import { type Talk, timed } from './talk.ts';

type Opened = { readonly socket: TestSocket; readonly node: FaultNode };

/** A socket that is opened again, on the next node, when it was closed. */
export class Line {
  readonly #talk: Talk;
  readonly #person: Person;
  readonly #door: Door;
  #opened: Opened | undefined;

  /** `at`: the node where it begins. */
  constructor(talk: Talk, person: Person, at = 0) {
    this.#talk = talk;
    this.#person = person;
    this.#door = new Door(talk.nodes, at);
  }

  async ask(what: string, frame: object): Promise<ServerFrame | undefined> {
    const opened = this.#opened ?? (await this.#open());
    if (!opened) return undefined;
    const answer = await timed(this.#talk, { what, node: opened.node }, opened.socket.ask(frame));
    if (!answer) this.drop();
    return answer;
  }

  drop(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.socket.cut();
  }

  async #open(): Promise<Opened | undefined> {
    const node = this.#door.next();
    const { watch } = this.#talk;
    const connecting = TestSocket.open(node.url);
    const socket = await timed(this.#talk, { what: 'connecting', node }, connecting);
    if (!socket) {
      // It may be opened yet by a node that was suspended.
      void connecting.then((late) => late.cut()).catch(() => undefined);
      return undefined;
    }
    const opened = { socket, node };
    let isKnown = false;
    void socket.closed.then(({ code }) => {
      const isMine = this.#opened === opened;
      const isExcused = code === 1006 && (node.isLost || (isKnown && !isMine));
      if (!isExcused) (isKnown ? this.#talk.watch : watch).closes.push(code);
      if (isMine) this.#opened = undefined;
    });
    const hello = { t: 'hello', v: 1, token: this.#person.token };
    const answer = await timed(this.#talk, { what: 'hello', node }, socket.ask(hello));
    isKnown = true;
    if (answer?.t !== 'ok') {
      socket.cut();
      return undefined;
    }
    this.#opened = opened;
    return opened;
  }
}
