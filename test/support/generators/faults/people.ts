import { setTimeout as sleep } from 'node:timers/promises';
import { uuid7 } from '../../../../src/events/ids.ts';
import { messagesOf, type Person } from '../../fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../../fixtures/server-socket.ts';
import type { Chance } from '../chance.ts';
import type { Acknowledged } from '../crowd.ts';

/** What is measured of those who talk. */
export type Watch = {
  /** By circle, when a post was acknowledged last, in ms of the monotonic clock. */
  readonly postedAt: Map<string, number>;
  /** The longest time that an answer took, in ms, and those that took longer than the deadline. */
  slowestMs: number;
  readonly late: string[];
  /** Close codes of sockets. */
  readonly closes: number[];
};

export type Talk = {
  readonly url: string;
  readonly streams: readonly string[];
  readonly chance: Chance;
  readonly acknowledged: Acknowledged[];
  readonly faults: string[];
  /** Every answer comes within so many ms. */
  readonly deadlineMs: number;
  watch: Watch;
  isOver: boolean;
};

export const newWatch = (): Watch => ({
  ...{ postedAt: new Map(), slowestMs: 0, late: [], closes: [] },
});

const pauseMs = 120;
const retryMs = 200;
/** An answer that takes longer than so many deadlines is waited for no more. */
const patience = 4;

/** Waits for an answer and notes how long it took; undefined if there is none. */
export const timed = async <T>(
  talk: Talk,
  what: string,
  answer: Promise<T>,
): Promise<T | undefined> => {
  const begun = performance.now();
  const never = sleep(talk.deadlineMs * patience, undefined, { ref: false });
  const got = await Promise.race([answer.catch(() => undefined), never]);
  const ms = performance.now() - begun;
  const { watch } = talk;
  watch.slowestMs = Math.max(watch.slowestMs, ms);
  if (ms > talk.deadlineMs) watch.late.push(`${what} took ${Math.round(ms)} ms`);
  return got;
};

type Post = Pick<Acknowledged, 's' | 'by' | 'id' | 'text'>;
type Said = Pick<Acknowledged, 'n' | 'm' | 'at'>;

const acknowledge = (talk: Talk, post: Post, said: Said): void => {
  const { n, m, at } = said;
  talk.acknowledged.push({ ...post, n, m, at });
  talk.watch.postedAt.set(post.s.slice(0, 36), performance.now());
};

/** A socket that is opened again when it was closed. */
class Line {
  readonly #talk: Talk;
  readonly #person: Person;
  #socket: TestSocket | undefined;

  constructor(talk: Talk, person: Person) {
    this.#talk = talk;
    this.#person = person;
  }

  async ask(what: string, frame: object): Promise<ServerFrame | undefined> {
    const socket = this.#socket ?? (await this.#open());
    if (!socket) return undefined;
    const answer = await timed(this.#talk, what, socket.ask(frame));
    if (!answer) this.drop();
    return answer;
  }

  drop(): void {
    this.#socket?.cut();
    this.#socket = undefined;
  }

  async #open(): Promise<TestSocket | undefined> {
    const { url, watch } = this.#talk;
    const socket = await TestSocket.open(url).catch(() => undefined);
    if (!socket) return undefined;
    void socket.closed.then(({ code }) => {
      if (code !== 1006) watch.closes.push(code);
      if (this.#socket === socket) this.#socket = undefined;
    });
    const hello = { t: 'hello', v: 1, token: this.#person.token };
    const answer = await timed(this.#talk, 'hello', socket.ask(hello));
    if (answer?.t !== 'ok') return undefined;
    this.#socket = socket;
    return socket;
  }
}

/** Posts over a socket, also what was posted before, until it is over; what has no answer is sent again. */
export const talkBySocket = async (talk: Talk, person: Person): Promise<void> => {
  const line = new Line(talk, person);
  const mine: Acknowledged[] = [];
  const say = async (post: Post): Promise<Said | undefined> => {
    const d = { s: post.s, id: post.id, text: post.text };
    for (;;) {
      const answer = await line.ask('post-message', { t: 'cmd', op: 'post-message', d });
      if (answer?.t === 'ok') return answer.d as Said;
      if (answer && answer.retryAfter === undefined) {
        talk.faults.push(`a post was refused: ${JSON.stringify(answer)}`);
        return undefined;
      }
      await sleep(retryMs);
    }
  };
  while (!talk.isOver) {
    const old = talk.chance.under(10) === 0 ? mine.at(-1) : undefined;
    const s = talk.chance.pick(talk.streams);
    const post = old ?? { s, by: person.id, id: uuid7(), text: `@${person.username} hello` };
    const said = await say(post);
    if (said && old && (said.n !== old.n || said.m !== old.m)) {
      talk.faults.push(`${JSON.stringify(said)} was answered after ${JSON.stringify(old)}`);
    }
    if (said && !old) {
      acknowledge(talk, post, said);
      mine.push({ ...post, ...said });
    }
    await sleep(pauseMs);
  }
  line.drop();
};

/** Posts over HTTP. */
export const talkByHttp = async (talk: Talk, person: Person): Promise<void> => {
  const circles = [...new Set(talk.streams.map((s) => s.slice(0, 36)))];
  while (!talk.isOver) {
    const circle = talk.chance.pick(circles);
    const post = { s: `${circle}/${circle}`, by: person.id, id: uuid7(), text: 'by http' };
    const put = () => person.call(`PUT ${messagesOf(circle)}/${post.id}`, { text: post.text });
    for (;;) {
      const answer = await timed(talk, 'PUT message', put());
      if (answer && answer.status < 300) {
        acknowledge(talk, post, answer.body as Said);
        break;
      }
      if (answer && answer.status < 500) {
        talk.faults.push(`a post was refused: ${answer.status} ${answer.text}`);
        break;
      }
      await sleep(retryMs);
    }
    await sleep(pauseMs);
  }
};

/** Comes and goes: a new socket each time, which says hello by token. */
export const comeAndGo = async (talk: Talk, person: Person): Promise<void> => {
  while (!talk.isOver) {
    const line = new Line(talk, person);
    await line.ask('unsub', { t: 'unsub', s: 'me' });
    line.drop();
    await sleep(pauseMs);
  }
};

/** Reads the history over HTTP, which may be refused, but not late. */
export const readHistory = async (talk: Talk, person: Person): Promise<void> => {
  while (!talk.isOver) {
    const [circle = ''] = talk.chance.pick(talk.streams).split('/');
    const answer = await timed(talk, 'GET messages', person.call(`GET ${messagesOf(circle)}`));
    if (answer && ![200, 503].includes(answer.status)) {
      talk.faults.push(`the history: ${answer.status} ${answer.text}`);
    }
    await sleep(pauseMs);
  }
};
