import { signal } from '@preact/signals';
import type { Unread } from '../../../src/client/objects.ts';
import { afterPost, afterRead, type Badge, noBadge } from './badges.ts';

type Badges = ReadonlyMap<string, Badge>;

/** A change of one stream's badge; undefined: the stream, or all of a circle of that id, is gone. */
type Change = { readonly id: string; readonly change?: (badge: Badge) => Badge };

const isOf = (s: string, id: string): boolean => s === id || s.startsWith(`${id}/`);

/** What is unread, stream by stream, by hints that may get lost and by what the server counts. */
export class UnreadBadges {
  readonly all = signal<Badges>(new Map());
  /** How far this account has read for certain: what was counted before may arrive after it. */
  readonly #read = new Map<string, number>();
  /** What happened since the server was asked to count; undefined while it is not. */
  #since: Change[] | undefined;

  get(s: string): Badge {
    return this.all.value.get(s) ?? noBadge;
  }

  /**
   * Takes what the server counts: all that it does not name is read. What is heard while it counts comes on top,
   * since it may be counted or not. Of two counts at once the later one holds. Rejects as `count` does.
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

  /** What was heard of a stream's newest message, and of how far it is read, where nothing is unread otherwise. */
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

  /** Forgets one stream, or all streams of one circle. */
  forget(id: string): void {
    this.#since?.push({ id });
    this.all.value = without(this.all.value, id);
    for (const s of this.#read.keys()) if (isOf(s, id)) this.#read.delete(s);
  }

  /** Forgets everything, as when the numbers belong to another log. */
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
