import { uuid7 } from '../../src/events/ids.ts';
import { pause } from '../support/fixtures/raw-socket.ts';
import { makeCircle, type Person, registerAll } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';

/** A post on its way: who wrote it when, and who was sent it. */
type Post = { readonly phase: string; readonly at: number; readonly heard: Set<number> };

const names = ['ann', 'ben', 'cat', 'dan', 'eve'];
const pauseMs = 250;
const settleMsMax = 20_000;

/** Five people who behave well and talk in one stream, and what goes wrong for them. */
export class Talkers {
  readonly faults: string[] = [];
  /** The time from a post to its arrival at each of the five, in ms, by the phase in which it was written. */
  readonly delays = new Map<string, number[]>();
  phase = 'arriving';
  posted = 0;
  readonly people: readonly Person[];
  readonly s: string;
  readonly #sockets: readonly TestSocket[];
  readonly #posts = new Map<string, Post>();
  readonly #heard: readonly string[][];
  #isOver = false;
  readonly #talking: Promise<unknown>;

  static async begin(url: string): Promise<Talkers> {
    const people = await registerAll(url, names);
    const [owner, ...others] = people;
    if (!owner) throw new Error('nobody is there');
    const circle = await makeCircle(owner, others);
    const s = `${circle}/${circle}`;
    const sockets = await Promise.all(people.map((person) => TestSocket.greet(url, person)));
    for (const socket of sockets) await socket.ask({ t: 'sub', s, last: 0 });
    return new Talkers(people, s, sockets);
  }

  constructor(people: readonly Person[], s: string, sockets: readonly TestSocket[]) {
    this.people = people;
    this.s = s;
    this.#sockets = sockets;
    this.#heard = sockets.map(() => []);
    for (const [index, socket] of sockets.entries()) this.#listen(index, socket);
    this.#talking = Promise.all(sockets.map((socket, index) => this.#talk(socket, index)));
  }

  /** Ends the talk, waits until everybody has what was acknowledged, and compares. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#talking;
    const until = performance.now() + settleMsMax;
    const all = () => this.#heard.every(({ length }) => length >= this.#posts.size);
    while (!all() && performance.now() < until) await pause(20);
    const [first = []] = this.#heard;
    for (const [index, heard] of this.#heard.entries()) {
      const name = names[index];
      if (new Set(heard).size !== heard.length) this.faults.push(`${name} was sent a post twice`);
      const lost = [...this.#posts.keys()].filter((id) => !heard.includes(id));
      if (lost.length > 0) this.faults.push(`${name} was not sent ${lost.length} posts`);
      const isAlike = heard.every((id, at) => id === first[at]);
      if (!isAlike) this.faults.push(`${name} was sent posts in another order`);
    }
    for (const socket of this.#sockets) socket.close();
  }

  #listen(index: number, socket: TestSocket): void {
    let last = 0;
    socket.socket.on('message', (data: Buffer) => {
      const { t, s, e, n } = JSON.parse(data.toString());
      if (t === 'ping') socket.send({ t: 'pong', n });
      if (t !== 'events' || s !== this.s) return;
      for (const event of e) {
        if (last > 0 && event.n !== last + 1)
          this.faults.push(`${names[index]}: ${event.n} after ${last}`);
        last = event.n;
        if (event.k === 'message-posted') this.#arrived(index, event.d.id);
      }
    });
    socket.closed
      .then(({ code }) => {
        if (!this.#isOver) this.faults.push(`${names[index]} was disconnected with ${code}`);
      })
      .catch(() => undefined);
  }

  #arrived(index: number, id: string): void {
    const post = this.#posts.get(id);
    // What was posted by none of the five does not count.
    if (!post) return;
    this.#heard[index]?.push(id);
    const delays = this.delays.get(post.phase) ?? [];
    delays.push(performance.now() - post.at);
    this.delays.set(post.phase, delays);
  }

  async #talk(socket: TestSocket, index: number): Promise<void> {
    while (!this.#isOver) {
      const id = uuid7();
      this.#posts.set(id, { phase: this.phase, at: performance.now(), heard: new Set() });
      const text = `${names[index]} ${this.posted++}`;
      const answer = await socket.command('post-message', { s: this.s, id, text });
      if (answer.t !== 'ok') this.faults.push(`${names[index]} was answered ${answer.code}`);
      await pause(pauseMs);
    }
  }
}
