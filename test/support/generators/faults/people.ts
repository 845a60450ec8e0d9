import { setTimeout as sleep } from 'node:timers/promises';
import { uuid7 } from '../../../../src/events/ids.ts';
import { call, type HttpAnswer, messagesOf, type Person } from '../../fixtures/server-people.ts';
import { Line } from './line.ts';
import { Door, type FaultNode } from './node.ts';
import { type Post, posting, type Said, type Talk, timed } from './talk.ts';

const pauseMs = 200;
const retryMs = 200;
/** After so many posts, about, somebody connects again, to another node. */
const movesEvery = 40;

/** Somebody who talks; `at`: the node where they begin. */
export type Talker = { readonly person: Person; readonly at: number };

/** Posts over a socket in one stream, also what was posted before, until it is over; what has no answer is sent again. */
export const talkBySocket = async (
  talk: Talk,
  { person, at, s }: Talker & { readonly s: string },
): Promise<void> => {
  const line = new Line(talk, person, at);
  const mine: (Post & Said)[] = [];
  const say = async (post: Post): Promise<Said | undefined> => {
    const d = { s: post.s, id: post.id, text: post.text };
    for (;;) {
      const { watch } = talk;
      const answer = await line.ask('post-message', { t: 'cmd', op: 'post-message', d });
      if (answer?.t === 'ok') return answer.d as Said;
      if (answer && answer.retryAfter === undefined) {
        talk.faults.push(`a post was refused: ${JSON.stringify(answer)}`);
        return undefined;
      }
      if (answer) watch.refused.push(JSON.stringify(answer));
      await sleep(retryMs);
    }
  };
  while (!talk.isOver) {
    const old = talk.chance.under(10) === 0 ? mine.at(-1) : undefined;
    if (old) {
      const said = await say(old);
      if (said && (said.n !== old.n || said.m !== old.m))
        talk.faults.push(`${JSON.stringify(said)} was answered after ${JSON.stringify(old)}`);
    } else {
      const post = { s, by: person.id, id: uuid7(), text: `@${person.username} hello` };
      const posted = posting(talk, post);
      const said = await say(post);
      if (said) {
        posted(said);
        mine.push({ ...post, ...said });
      }
    }
    // Otherwise all would gather on the node that was never away.
    if (talk.chance.under(movesEvery) === 0) line.drop();
    await sleep(pauseMs);
  }
  line.drop();
};

/** One request to a node, timed; undefined if there is no answer, which one that is running gives. */
const ask = async (
  talk: Talk,
  node: FaultNode,
  { token, request, ...more }: Parameters<typeof call>[2] & { readonly request: string },
): Promise<HttpAnswer | undefined> => {
  const begun = performance.now();
  const answering = call(node.url, request, { token, ...more }).catch((cause: Error) => {
    if (node.isUp && node.backAt < begun)
      talk.faults.push(`${request}: ${cause.message}, ${String(cause.cause)}`);
    throw cause;
  });
  return timed(talk, { what: request, node }, answering);
};

/** Posts over HTTP, each time on the next node, until it is acknowledged; gives the answer and the node. */
const postByHttp = async (
  talk: Talk,
  { token }: Person,
  { post, door }: { readonly post: Post; readonly door: Door },
): Promise<{ answer: HttpAnswer; node: FaultNode } | undefined> => {
  const posted = posting(talk, post);
  const [circle = ''] = post.s.split('/');
  const request = `PUT ${messagesOf(circle)}/${post.id}`;
  for (;;) {
    const { watch } = talk;
    const node = door.next();
    const answer = await ask(talk, node, { token, request, body: { text: post.text } });
    if (answer && answer.status < 300) {
      posted(answer.body as Said);
      return { answer, node };
    }
    if (answer?.status !== undefined && answer.status < 500) {
      talk.faults.push(`a post was refused: ${answer.status} ${answer.text}`);
      return undefined;
    }
    if (answer) watch.refused.push(answer.text);
    await sleep(retryMs);
  }
};

/** Posts over HTTP, and reads what it has posted on another node. */
export const talkByHttp = async (talk: Talk, { person, at }: Talker): Promise<void> => {
  const door = new Door(talk.nodes, at);
  while (!talk.isOver) {
    const post = { s: talk.chance.pick(talk.streams), by: person.id, id: uuid7(), text: 'by http' };
    const said = await postByHttp(talk, person, { post, door });
    if (said) await readBack(talk, person, { ...said, post, door });
    await sleep(pauseMs);
  }
};

type Written = {
  readonly answer: HttpAnswer;
  readonly node: FaultNode;
  readonly post: Post;
  readonly door: Door;
};

/** Reads a message on another node than the one that has answered it: it is there, or `unavailable`. */
const readBack = async (
  talk: Talk,
  { token }: Person,
  { answer, node, post, door }: Written,
): Promise<void> => {
  const [circle = ''] = post.s.split('/');
  const position = answer.headers.get('oshi-position');
  const next = door.next();
  const other = next === node ? door.next() : next;
  const read = await ask(talk, other, {
    ...{ token, request: `GET ${messagesOf(circle)}/${post.id}` },
    headers: position === null ? {} : { 'oshi-position': position },
  });
  if (!read) return;
  if (read.status === 503) talk.watch.unreadable++;
  else if (position === null || read.body.message?.text !== post.text)
    talk.faults.push(`stale: ${position} was answered, and then ${read.status} ${read.text}`);
};

/** Comes and goes: a new socket each time, which says hello by token. */
export const comeAndGo = async (talk: Talk, { person, at }: Talker): Promise<void> => {
  for (let times = at; !talk.isOver; times++) {
    const line = new Line(talk, person, times);
    await line.ask('unsub', { t: 'unsub', s: 'me' });
    line.drop();
    await sleep(pauseMs);
  }
};

/** Reads the history over HTTP, which may be refused, but not late. */
export const readHistory = async (talk: Talk, { person, at }: Talker): Promise<void> => {
  const door = new Door(talk.nodes, at);
  while (!talk.isOver) {
    const [circle = ''] = talk.chance.pick(talk.streams).split('/');
    const request = `GET ${messagesOf(circle)}`;
    const answer = await ask(talk, door.next(), { token: person.token, request });
    if (answer?.status === 503) talk.watch.unreadable++;
    else if (answer && answer.status !== 200)
      talk.faults.push(`the history: ${answer.status} ${answer.text}`);
    await sleep(pauseMs);
  }
};
