import { signal } from '@preact/signals';
import type { Unread } from '../../../src/client/objects.ts';
import { afterPost, afterRead, type Badge, noBadge } from './badges.ts';

type Badges = ReadonlyMap<string, Badge>;

/** A change of one stream's badge; undefined: the stream, or the circle with that id, was removed. */
type Change = { readonly id: string; readonly change?: (badge: Badge) => Badge };

const isOf = (s: string, id: string): boolean => s === id || s.startsWith(`${id}/`);

/** The unread state by stream, from notifications and the server's counts. */
export class UnreadBadges {
  readonly all = signal<Badges>(new Map());
  /** The last message read by this account: earlier counts may arrive after it. */
  readonly #read = new Map<string, number>();
  /** Changes since the request for the counts; undefined without a request. */
  #since: Change[] | undefined;

  get(s: string): Badge {
    return this.all.value.get(s) ?? noBadge;
  }

  /**
   * Loads the server's counts: streams not listed are read. Changes during the request are applied on top, since they
   * may or may not be included. Of concurrent requests the later one wins. Rejects as `count` does.
   */
  async reset(count: () => Promise<readonly Unread[]>): Promise<void> {
    const since: Change[] = [];
    this.#since = since;
    try {
      const counted = await count();
      if (this.#since === since) this.#take(counted, since);
    } finally {
      if (this.#since === since) this.#since = undefined;
    }
  }

  /** Records a stream's newest message and read marker, if it has no unread messages. */
  learn(s: string, { last, read }: { readonly last: number; readonly read?: number }): void {
    if (read !== undefined) this.#mark(s, read);
    if (this.all.value.has(s)) {
      if (read !== undefined) this.#change(s, (badge) => afterRead(badge, read));
      return;
    }
    const known = read ?? last;
    const unread = Math.min(100, last - known);
    this.#set(s, { last, read: known, unread, mentions: 0 });
  }

  posted(s: string, m: number, isMention: boolean): void {
    this.#change(s, (badge) => {
      const before = badge === noBadge ? { ...noBadge, last: m - 1, read: m - 1 } : badge;
      return afterPost(before, { m, isMention });
    });
  }

  read(s: string, m: number): void {
    this.#mark(s, m);
    this.#change(s, (badge) => afterRead(badge, m));
  }

  /** Removes one stream, or all streams of one circle. */
  forget(id: string): void {
    this.#since?.push({ id });
    this.all.value = without(this.all.value, id);
    for (const s of this.#read.keys()) if (isOf(s, id)) this.#read.delete(s);
  }

  /** Removes everything, as after a change of the log. */
  clear(): void {
    this.all.value = new Map();
    this.#read.clear();
  }

  #take(counted: readonly Unread[], since: readonly Change[]): void {
    let badges = new Map<string, Badge>();
    for (const [s, { last }] of this.all.value) {
      badges.set(s, { last, read: last, unread: 0, mentions: 0 });
    }
    for (const { s, ...badge } of counted) badges.set(s, badge);
    for (const { id, change } of since) {
      if (change) badges.set(id, change(badges.get(id) ?? noBadge));
      else badges = without(badges, id);
    }
    for (const [s, m] of this.#read) badges.set(s, afterRead(badges.get(s) ?? noBadge, m));
    this.all.value = badges;
  }

  #mark(s: string, m: number): void {
    this.#read.set(s, Math.max(m, this.#read.get(s) ?? 0));
  }

  #change(s: string, change: (badge: Badge) => Badge): void {
    this.#since?.push({ id: s, change });
    this.#set(s, change(this.get(s)));
  }

  #set(s: string, badge: Badge): void {
    if (this.all.value.get(s) !== badge) this.all.value = new Map([...this.all.value, [s, badge]]);
  }
}

const without = (badges: Badges, id: string): Map<string, Badge> =>
  new Map([...badges].filter(([s]) => !isOf(s, id)));
