import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../src/client/client.ts';
import { OshiError } from '../../../src/client/error.ts';
import { uuid7 } from '../../../src/events/ids.ts';
import { type HttpAnswer, messagesOf, type Person } from '../fixtures/server-people.ts';
import { TestSocket } from '../fixtures/server-socket.ts';
import type { Chance } from './chance.ts';

/** A post that the server has acknowledged, and what it said of it. */
export type Acknowledged = {
  readonly s: string;
  readonly by: string;
  readonly id: string;
  readonly text: string;
  readonly n: number;
  readonly m: number;
  readonly at: number;
};

/** What people do while the server is cut off, killed and restarted: how far they are, and what went wrong. */
export type Doings = {
  readonly url: string;
  readonly streams: readonly string[];
  readonly chance: Chance;
  readonly acknowledged: Acknowledged[];
  readonly faults: string[];
  /** They finish what they have begun, and begin nothing. */
  isOver: boolean;
};

const pauseMs = 30;

/** Asks again until there is an answer that is no matter of the moment. */
export const persist = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer && answer.status < 500) return answer;
    await sleep(pauseMs);
  }
};

type Posted = { readonly id: string; readonly n: number; readonly m: number; readonly at: number };

const note = (doings: Doings, post: Omit<Acknowledged, keyof Posted>, answer: Posted): void => {
  doings.acknowledged.push({ ...post, ...answer });
};

/** Says that what was answered to a repeat is not what was answered first. */
const compare = (doings: Doings, first: Posted, again: Posted): void => {
  const { id, n, m, at } = first;
  if (again.id === id && again.n === n && again.m === m && again.at === at) return;
  doings.faults.push(`${JSON.stringify(again)} was answered after ${JSON.stringify(first)}`);
};

/** Posts, edits, deletes, reacts and repeats by the project's client. */
export const talkByClient = async (
  doings: Doings,
  { id: by }: Person,
  client: Client,
): Promise<void> => {
  const { chance } = doings;
  const mine: Acknowledged[] = [];
  const change = async (old: Acknowledged, draw: number, index: number): Promise<void> => {
    const { s, id } = old;
    if (draw === 0) return compare(doings, old, await client.post(s, 'again', { id }));
    if (draw === 1) {
      await client.command('edit-message', { s, id, text: `edited ${index}` });
    } else if (draw === 2) {
      mine.splice(mine.indexOf(old), 1);
      await client.command('delete-message', { s, id });
    } else {
      const op = chance.under(3) === 0 ? 'unreact' : 'react';
      await client.command(op, { s, id, emoji: chance.pick(['👍', '🐙', '❤️']) });
    }
  };
  const step = async (index: number): Promise<void> => {
    const draw = chance.under(10);
    if (mine.length > 0 && draw < 5) return change(chance.pick(mine), draw, index);
    const post = { s: chance.pick(doings.streams), by, text: `client ${index}` };
    const answer = await client.post(post.s, post.text);
    note(doings, post, answer);
    mine.push({ ...post, ...answer });
  };
  for (let index = 0; !doings.isOver; index++) {
    await step(index).catch((error: unknown) => {
      const what = error instanceof OshiError ? `${error.code} ${error.field}` : String(error);
      doings.faults.push(`the client of ${by} was refused: ${what}`);
    });
  }
};

/** Posts over bare sockets, several at once; what got no answer is sent again under the same id. */
export const talkByHand = async (doings: Doings, person: Person): Promise<void> => {
  let socket: TestSocket | undefined;
  const say = async (post: Omit<Acknowledged, 'n' | 'm' | 'at'>): Promise<void> => {
    const { s, id, text } = post;
    for (;;) {
      const answer = await socket?.command('post-message', { s, id, text }).catch(() => undefined);
      if (answer?.t === 'ok') return note(doings, post, answer.d as Posted);
      if (answer?.retryAfter === undefined && answer) {
        doings.faults.push(`a post by hand was refused: ${JSON.stringify(answer)}`);
        return;
      }
      await sleep(pauseMs);
    }
  };
  for (let round = 0; !doings.isOver; round++) {
    const posts = Array.from({ length: 5 }, (_, index) => {
      const s = doings.chance.pick(doings.streams);
      return say({ s, by: person.id, id: uuid7(), text: `by hand ${round}.${index}` });
    });
    let left = true;
    const all = Promise.all(posts).then(() => {
      left = false;
    });
    while (left) {
      socket = await TestSocket.greet(doings.url, person).catch(() => undefined);
      // Cut off now and then with answers under way.
      if (doings.chance.under(8) === 0) setImmediate((cut) => cut?.cut(), socket);
      await Promise.race([all, socket?.closed ?? sleep(pauseMs)]);
    }
    socket?.close();
  }
};

/** Posts over HTTP. */
export const talkByHttp = async (doings: Doings, person: Person): Promise<void> => {
  const [s = ''] = doings.streams;
  const [circle = ''] = s.split('/');
  for (let index = 0; !doings.isOver; index++) {
    const post = { s, by: person.id, text: `by http ${index}` };
    const id = uuid7();
    const put = () => person.call(`PUT ${messagesOf(circle)}/${id}`, { text: post.text });
    const { status, body, text } = await persist(put);
    if (status === 200 || status === 201) note(doings, post, body as Posted);
    else doings.faults.push(`a post by HTTP was refused: ${status} ${text}`);
  }
};

/** Somebody who never gets in tries every way to read what is said in a private circle. */
export const tryToRead = async (doings: Doings, stranger: Person): Promise<number> => {
  let tries = 0;
  const [s = ''] = doings.streams;
  const [circle = ''] = s.split('/');
  while (!doings.isOver) {
    const history = await stranger.call(`GET ${messagesOf(circle)}`).catch(() => undefined);
    const seen = history === undefined || history.status === 404 || history.status >= 500;
    if (!seen) doings.faults.push(`a stranger was answered ${history.status} ${history.text}`);
    const socket = await TestSocket.greet(doings.url, stranger).catch(() => undefined);
    for (const frame of [
      { t: 'sub', s },
      { t: 'sub', s: circle },
      { t: 'get', s },
    ]) {
      const answer = await socket?.ask(frame).catch(() => undefined);
      const refused = answer === undefined || (answer.t === 'err' && answer.code !== 'forbidden');
      if (!refused) doings.faults.push(`a stranger heard ${JSON.stringify(answer)}`);
    }
    const heard = socket?.frames.filter((frame) => frame.s !== undefined) ?? [];
    if (heard.length > 0) doings.faults.push(`a stranger heard ${JSON.stringify(heard[0])}`);
    socket?.cut();
    tries++;
    await sleep(pauseMs);
  }
  return tries;
};
