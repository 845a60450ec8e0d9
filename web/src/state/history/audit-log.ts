import { signal } from '@preact/signals';
import type { Http } from '../../../../src/client/http.ts';
import type { AuditEntry, Participant } from '../../../../src/client/objects.ts';
import { errorText } from '../errors.ts';
import { type Filters, requestFilter } from './filters.ts';

const pageSize = 50;
/** The maximum number of entries listed; beyond, the newest are dropped. */
export const listedMax = 1_000;
/** The maximum number of requests for a page without matches. */
const roundsMax = 20;

export type AuditLogDeps = {
  readonly http: Pick<Http, 'audit'>;
  /** Users in loaded entries. */
  readonly onUsers: (users: readonly Participant[]) => void;
};

type TimeRange = { readonly since?: number; readonly upTo?: number | undefined };

/** Identifies an entry within its circle. */
export const keyOf = ({ position, of, stream = '', n }: AuditEntry): string =>
  `${position}/${of === 'stream' ? stream : ''}/${n}`;

/** The audit trail of a circle, newest first, as far as loaded. */
export class AuditLog {
  readonly entries = signal<readonly AuditEntry[]>([]);
  readonly state = signal<'loading' | 'ready'>('loading');
  readonly filters = signal<Filters>({});
  /** Only events up to this time are listed; undefined: all. */
  readonly upTo = signal<number | undefined>(undefined);
  /** The cursor of the next page; undefined: none. */
  readonly next = signal<string | undefined>(undefined);
  readonly problem = signal('');
  readonly #circle: string;
  readonly #deps: AuditLogDeps;
  #requests = 0;
  #isReadingMore = false;

  constructor(circle: string, deps: AuditLogDeps) {
    this.#circle = circle;
    this.#deps = deps;
  }

  get isFull(): boolean {
    return this.entries.value.length >= listedMax;
  }

  /** Reloads with other filters. */
  async filter(filters: Filters): Promise<void> {
    this.filters.value = filters;
    await this.read();
  }

  /** Loads the first page. */
  async read(): Promise<void> {
    this.state.value = 'loading';
    await this.#take(undefined);
    this.state.value = 'ready';
  }

  /** Loads the next page; no-op at the end or while loading. */
  async readMore(): Promise<void> {
    const cursor = this.next.value;
    if (cursor === undefined || this.#isReadingMore || this.state.value === 'loading') return;
    const oldest = this.entries.value.at(-1);
    if (this.isFull && oldest) {
      this.upTo.value = oldest.at;
      return this.read();
    }
    this.#isReadingMore = true;
    await this.#take(cursor);
    this.#isReadingMore = false;
  }

  /** Ensures that the list contains a time; undefined: the newest. Resolves with whether it was reloaded. */
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

  /** Adds newer events; a list that ends at a time does not change. */
  async refresh(): Promise<void> {
    const [newest] = this.entries.value;
    if (this.upTo.value !== undefined || this.state.value === 'loading') return;
    if (!newest) return this.#take(undefined);
    const request = this.#requests;
    const found: AuditEntry[] = [];
    try {
      const filters = requestFilter(this.filters.value);
      const page = { ...filters, after: newest.position, order: 'asc', limit: 200 } as const;
      const { entries, users, next } = await this.#deps.http.audit(this.#circle, page);
      if (request !== this.#requests) return;
      if (next !== undefined) return await this.#take(undefined);
      this.#deps.onUsers(users);
      found.push(...entries);
    } catch {
      return; // The list is still correct; the next refresh tries again.
    }
    const known = new Set(this.entries.value.map(keyOf));
    const fresh = found.filter((entry) => !known.has(keyOf(entry))).reverse();
    if (fresh.length > 0) this.entries.value = [...fresh, ...this.entries.value];
  }

  /** The time of the next matching event before or after a time; undefined: none. */
  async neighbour(at: number | undefined, way: 'later' | 'earlier'): Promise<number | undefined> {
    if (way === 'later') return at === undefined ? undefined : this.#timeOf({ since: at + 1 });
    const shown = await this.#timeOf({ upTo: at });
    return shown === undefined ? undefined : this.#timeOf({ upTo: shown - 1 });
  }

  async #timeOf({ since, upTo }: TimeRange): Promise<number | undefined> {
    const filters = requestFilter(this.filters.value, upTo);
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

  /** A page with entries, if there are any: the server scans a bounded part of the log per request. */
  async #page(filter: Parameters<Http['audit']>[1]): ReturnType<Http['audit']> {
    let page = await this.#deps.http.audit(this.#circle, filter);
    for (let round = 1; round < roundsMax; round += 1) {
      if (page.entries.length > 0 || page.next === undefined) break;
      page = await this.#deps.http.audit(this.#circle, { ...filter, cursor: page.next });
    }
    return page;
  }

  async #take(cursor: string | undefined): Promise<void> {
    this.#requests += 1;
    const request = this.#requests;
    try {
      const { entries, users, next } = await this.#page({
        ...requestFilter(this.filters.value, this.upTo.value),
        cursor,
        limit: pageSize,
      });
      if (request !== this.#requests) return;
      this.#deps.onUsers(users);
      this.entries.value = cursor === undefined ? entries : [...this.entries.value, ...entries];
      this.next.value = next;
      this.problem.value = '';
    } catch (error) {
      if (request !== this.#requests) return;
      if (cursor === undefined) {
        this.entries.value = [];
        this.next.value = undefined;
      }
      this.problem.value = errorText(error);
    }
  }
}
