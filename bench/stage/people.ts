import { WebSocket } from 'ws';
import { uuid7 } from '../../src/events/ids.ts';

export type Person = { readonly id: string; readonly token: string; readonly username: string };

type Json = Record<string, unknown>;

/** One request over HTTP; throws on an error's status. */
export const request = async (
  base: string,
  [method, path]: readonly [string, string],
  { token, body }: { token?: string; body?: Json } = {},
): Promise<Json> => {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
};

/** Runs `work` for each of `count` numbers, `width` at a time. */
export const inParallel = async <T>(
  count: number,
  width: number,
  work: (index: number) => Promise<T>,
): Promise<T[]> => {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return results;
};

export const register = async (base: string): Promise<Person> => {
  const username = `b${uuid7().replaceAll('-', '').slice(-20)}`;
  const body = { username, password: 'correct horse 1' };
  const answer = await request(base, ['POST', '/v1/users'], { body });
  const user = answer.user as { id: string };
  return { id: user.id, token: answer.token as string, username };
};

/** A public circle of the owner's that all the others have joined; its id, which is its first stream's too. */
export const circleOf = async (
  base: string,
  owner: Person,
  others: readonly Person[],
): Promise<string> => {
  const id = uuid7();
  const body = { name: 'Bench', visibility: 'public' };
  await request(base, ['PUT', `/v1/circles/${id}`], { token: owner.token, body });
  await inParallel(others.length, 8, (at) =>
    request(base, ['PUT', `/v1/circles/${id}/members/me`], {
      token: others[at]?.token ?? '',
      body: {},
    }),
  );
  return id;
};

/** The paths of the first stream of a circle and of `count` more, which the owner makes. */
export const streamsOf = async (
  base: string,
  owner: Person,
  { circle, count }: { readonly circle: string; readonly count: number },
): Promise<string[]> => {
  const more = await inParallel(count, 2, async () => {
    const id = uuid7();
    const path = `/v1/circles/${circle}/streams/${id}`;
    await request(base, ['PUT', path], { token: owner.token, body: { name: 'more' } });
    return `${circle}/${id}`;
  });
  return [`${circle}/${circle}`, ...more];
};

const triesMax = 20;
const retryMs = 500;

/** What `ask` gives; asks again while the server is temporarily unavailable, as clients do. */
export const persistently = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= triesMax || !/"code":"unavailable"/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
};

/** A socket that has said hello and can post, with any number of posts in flight. */
export class Talker {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (frame: Json) => void>();
  #ids = 0;
  onFrame: ((frame: Json) => void) | undefined;
  /** Identifies the log, for those who resume. */
  epoch = '';

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString('utf8'))));
    socket.on('close', () => {
      for (const answer of this.#waiting.values()) answer({ t: 'closed' });
    });
  }

  static async open(base: string, token: string): Promise<Talker> {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/v1/connect`, {
      perMessageDeflate: false,
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const talker = new Talker(socket);
    talker.epoch = (await talker.ask({ t: 'hello', v: 1, token })).epoch as string;
    return talker;
  }

  ask(frame: Json): Promise<Json> {
    const id = `${++this.#ids}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if (answer.t === 'ok') resolve((answer.d ?? {}) as Json);
        else reject(new Error(JSON.stringify(answer)));
      });
      this.#socket.send(JSON.stringify({ ...frame, id }));
    });
  }

  post(s: string, text: string): Promise<Json> {
    return this.ask({ t: 'cmd', op: 'post-message', d: { s, id: uuid7(), text } });
  }

  close(): void {
    this.#socket.terminate();
  }

  #take(frame: Json): void {
    if (frame.t === 'ping') this.#socket.send(JSON.stringify({ t: 'pong', n: frame.n }));
    const waiter = typeof frame.id === 'string' ? this.#waiting.get(frame.id) : undefined;
    if (waiter) {
      this.#waiting.delete(frame.id as string);
      waiter(frame);
    } else {
      this.onFrame?.(frame);
    }
  }
}
