import { uuid7 } from '../../src/events/ids.ts';
import { textOf } from './figures.ts';
import { atRate } from './pace.ts';
import { type Person, request, Talker } from './people.ts';

export type Regular = { readonly person: Person; readonly s: string };

/** What people who post now and then noticed, in ms each. */
export type Noticed = {
  /** From a post to its acknowledgement, all attempts together. */
  readonly posts: number[];
  /** From a post to its arrival at another one in the same stream. */
  readonly arrivals: number[];
  /** Requests for the newest messages, over HTTP. */
  readonly pages: number[];
  refusals: number;
  failures: number;
};

const postsEachPerSecond = 4;
const pagesPerSecond = 10;
/** How long the last ones are awaited, in ms. */
const graceMs = 10_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Refused = { readonly retryAfter?: number };

/** People who post at a low rate, repeat what is refused when they are told to, and read. */
export class Regulars {
  readonly #url: string;
  readonly #people: readonly Regular[];
  readonly #talkers: readonly Talker[];
  readonly #sentAt = new Map<string, number>();
  #noticed: Noticed | undefined;

  private constructor(url: string, people: readonly Regular[], talkers: readonly Talker[]) {
    this.#url = url;
    this.#people = people;
    this.#talkers = talkers;
  }

  /** Logs all in; the first one follows their own stream, which is quiet. */
  static async open(url: string, people: readonly Regular[]): Promise<Regulars> {
    const talkers = await Promise.all(people.map(({ person }) => Talker.open(url, person.token)));
    const regulars = new Regulars(url, people, talkers);
    const [reader] = talkers;
    if (reader) {
      reader.onFrame = (frame) => regulars.#arrived(frame as { t?: string; e?: unknown });
      await reader.ask({ t: 'sub', s: people[0]?.s, last: 0 });
    }
    return regulars;
  }

  /** Posts and reads at a steady rate for so many seconds; resolves when all of it has been answered. */
  async live(seconds: number): Promise<Noticed> {
    const noticed: Noticed = { posts: [], arrivals: [], pages: [], refusals: 0, failures: 0 };
    this.#noticed = noticed;
    this.#sentAt.clear();
    const doing: Promise<void>[] = [];
    const rate = this.#people.length * postsEachPerSecond;
    await Promise.all([
      atRate(rate, seconds, (index) => doing.push(this.#post(noticed, index))),
      atRate(pagesPerSecond, seconds, (index) => doing.push(this.#read(noticed, index))),
    ]);
    await Promise.race([Promise.all(doing), pause(graceMs)]);
    return noticed;
  }

  close(): void {
    for (const talker of this.#talkers) talker.close();
  }

  async #post(noticed: Noticed, index: number): Promise<void> {
    const at = index % this.#people.length;
    const { s = '' } = this.#people[at] ?? {};
    const id = uuid7();
    const sent = performance.now();
    this.#sentAt.set(id, sent);
    const frame = { t: 'cmd', op: 'post-message', d: { s, id, text: textOf(index) } };
    for (;;) {
      try {
        await this.#talkers[at]?.ask(frame);
        noticed.posts.push(performance.now() - sent);
        return;
      } catch (error) {
        const { retryAfter } = JSON.parse((error as Error).message) as Refused;
        if (retryAfter === undefined) break;
        noticed.refusals++;
        await pause(retryAfter);
      }
    }
    noticed.failures++;
  }

  async #read(noticed: Noticed, index: number): Promise<void> {
    const { person, s } = this.#people[index % this.#people.length] ?? {};
    const [circle, stream] = s?.split('/') ?? [];
    const path = `/v1/circles/${circle}/streams/${stream}/messages?limit=20`;
    const sent = performance.now();
    try {
      await request(this.#url, ['GET', path], { token: person?.token ?? '' });
      noticed.pages.push(performance.now() - sent);
    } catch {
      noticed.failures++;
    }
  }

  #arrived({ t, e }: { t?: string; e?: unknown }): void {
    if (t !== 'events') return;
    for (const { d } of e as { d?: { id?: string } }[]) {
      const sent = this.#sentAt.get(d?.id ?? '');
      if (sent !== undefined) this.#noticed?.arrivals.push(performance.now() - sent);
    }
  }
}
