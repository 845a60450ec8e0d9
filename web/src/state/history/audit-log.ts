import { signal } from '@preact/signals';
import type { Http } from '../../../../src/client/http.ts';
import type { AuditEntry, Participant } from '../../../../src/client/objects.ts';
import { wordsFor } from '../errors.ts';
import { askedFor, type Filters } from './filters.ts';

const pageSize = 50;
/** So many are listed at once; whoever reads on then leaves the newest behind. */
export const listedMax = 1_000;
/** So often it is asked again for a page in which nothing was found yet. */
const roundsMax = 20;

export type AuditLogDeps = {
  readonly http: Pick<Http, 'audit'>;
  /** People who stand in what was read. */
  readonly onUsers: (users: readonly Participant[]) => void;
};

/** What names an entry among all of its circle. */
export const keyOf = ({ position, of, stream = '', n }: AuditEntry): string =>
  `${position}/${of === 'stream' ? stream : ''}/${n}`;

/** What happened in a circle, newest first, as far as it was read. */
export class AuditLog {
  readonly entries = signal<readonly AuditEntry[]>([]);
  readonly state = signal<'loading' | 'ready'>('loading');
  readonly filters = signal<Filters>({});
  /** Nothing later than this is listed; undefined: everything. */
  readonly upTo = signal<number | undefined>(undefined);
  /** By which the next page is asked for; undefined: there is none. */
  readonly next = signal<string | undefined>(undefined);
  readonly wrong = signal('');
  readonly #circle: string;
  readonly #deps: AuditLogDeps;
  #asked = 0;
  #isReadingOn = false;

  constructor(circle: string, deps: AuditLogDeps) {
    this.#circle = circle;
    this.#deps = deps;
  }

  get isFull(): boolean {
    return this.entries.value.length >= listedMax;
  }

  /** Begins anew with other filters. */
  async filter(filters: Filters): Promise<void> {
    this.filters.value = filters;
    await this.read();
  }

  /** Reads the first page. */
  async read(): Promise<void> {
    this.state.value = 'loading';
    await this.#take(undefined);
    this.state.value = 'ready';
  }

  /** Reads on; does nothing where there is no more, or while a page is on its way. */
  async readOn(): Promise<void> {
    const cursor = this.next.value;
    if (cursor === undefined || this.#isReadingOn || this.state.value === 'loading') return;
    const oldest = this.entries.value.at(-1);
    if (this.isFull && oldest) {
      this.upTo.value = oldest.at;
      return this.read();
    }
    this.#isReadingOn = true;
    await this.#take(cursor);
    this.#isReadingOn = false;
  }

  /** Sees to it that the list holds a moment; undefined: the newest. Answers whether it had to be read anew. */
  async reach(at: number | undefined): Promise<boolean> {
    const upTo = this.upTo.value;
    const oldest = this.entries.value.at(-1)?.at;
    const isBelow = at !== undefined && oldest !== undefined && at < oldest;
    const isAbove = upTo !== undefined && (at === undefined || at > upTo);
    if (!isAbove && !(isBelow && this.next.value !== undefined)) return false;
    this.upTo.value = at;
    await this.read();
    return true;
  }

  /** Adds what has happened since the newest that is listed; a list that ends at a moment stays as it is. */
  async refresh(): Promise<void> {
    const [newest] = this.entries.value;
    if (this.upTo.value !== undefined || this.state.value === 'loading') return;
    if (!newest) return this.#take(undefined);
    const asked = this.#asked;
    const found: AuditEntry[] = [];
    try {
      const filters = askedFor(this.filters.value);
      const page = { ...filters, after: newest.position, order: 'asc', limit: 200 } as const;
      const { entries, users, next } = await this.#deps.http.audit(this.#circle, page);
      if (asked !== this.#asked) return;
      if (next !== undefined) return await this.#take(undefined);
      this.#deps.onUsers(users);
      found.push(...entries);
    } catch {
      return; // What is listed is still right; whoever looks next asks again.
    }
    const known = new Set(this.entries.value.map(keyOf));
    const fresh = found.filter((entry) => !known.has(keyOf(entry))).reverse();
    if (fresh.length > 0) this.entries.value = [...fresh, ...this.entries.value];
  }

  /** When the event next to a moment happened, of those that fit the filters; undefined: there is none. */
  async neighbour(at: number | undefined, way: 'later' | 'earlier'): Promise<number | undefined> {
    if (way === 'later') return at === undefined ? undefined : this.#timeOf({ since: at + 1 });
    const shown = await this.#timeOf({ upTo: at });
    return shown === undefined ? undefined : this.#timeOf({ upTo: shown - 1 });
  }

  async #timeOf({
    since,
    upTo,
  }: {
    readonly since?: number;
    readonly upTo?: number | undefined;
  }): Promise<number | undefined> {
    const filters = askedFor(this.filters.value, upTo);
    const from = Math.max(filters.since === undefined ? 0 : Number(filters.since), since ?? 0);
    if (filters.until !== undefined && from >= Number(filters.until)) return undefined;
    const { entries } = await this.#page({
      ...filters,
      ...(from > 0 && { since: from }),
      order: since === undefined ? 'desc' : 'asc',
      limit: 1,
    });
    return entries[0]?.at;
  }

  /** A page with something in it, if there is anything: the server looks at a bounded part of the log at a time. */
  async #page(asked: Parameters<Http['audit']>[1]): ReturnType<Http['audit']> {
    let page = await this.#deps.http.audit(this.#circle, asked);
    for (let round = 1; round < roundsMax; round += 1) {
      if (page.entries.length > 0 || page.next === undefined) break;
      page = await this.#deps.http.audit(this.#circle, { ...asked, cursor: page.next });
    }
    return page;
  }

  async #take(cursor: string | undefined): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const { entries, users, next } = await this.#page({
        ...askedFor(this.filters.value, this.upTo.value),
        cursor,
        limit: pageSize,
      });
      if (asked !== this.#asked) return;
      this.#deps.onUsers(users);
      this.entries.value = cursor === undefined ? entries : [...this.entries.value, ...entries];
      this.next.value = next;
      this.wrong.value = '';
    } catch (error) {
      if (asked !== this.#asked) return;
      if (cursor === undefined) {
        this.entries.value = [];
        this.next.value = undefined;
      }
      this.wrong.value = wordsFor(error);
    }
  }
}
