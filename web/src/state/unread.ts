import { signal } from '@preact/signals';
import type { Unread } from '../../../src/client/objects.ts';
import { afterPost, afterRead, type Badge, noBadge } from './badges.ts';

/** What is unread, stream by stream, by hints that may get lost and by what the server counts. */
export class UnreadBadges {
  readonly all = signal<ReadonlyMap<string, Badge>>(new Map());

  get(s: string): Badge {
    return this.all.value.get(s) ?? noBadge;
  }

  /** Takes what the server counted: all that it does not name is read. */
  reset(counted: readonly Unread[]): void {
    const badges = new Map<string, Badge>();
    for (const [s, { last }] of this.all.value) {
      badges.set(s, { last, read: last, unread: 0, mentions: 0 });
    }
    for (const { s, last, read, unread, mentions } of counted) {
      badges.set(s, { last, read, unread, mentions });
    }
    this.all.value = badges;
  }

  /** What was heard of a stream's newest message, and of how far it is read, where nothing is unread otherwise. */
  learn(s: string, { last, read }: { readonly last: number; readonly read?: number }): void {
    const before = this.all.value.get(s);
    if (before) {
      if (read !== undefined) this.#set(s, afterRead(before, read));
    } else {
      const known = read ?? last;
      this.#set(s, { last, read: known, unread: Math.min(100, last - known), mentions: 0 });
    }
  }

  posted(s: string, m: number, isMention: boolean): void {
    const before = this.all.value.get(s) ?? { ...noBadge, last: m - 1, read: m - 1 };
    this.#set(s, afterPost(before, { m, isMention }));
  }

  read(s: string, m: number): void {
    this.#set(s, afterRead(this.get(s), m));
  }

  forget(circle: string): void {
    this.all.value = new Map([...this.all.value].filter(([s]) => !s.startsWith(circle)));
  }

  #set(s: string, badge: Badge): void {
    if (this.all.value.get(s) !== badge) this.all.value = new Map([...this.all.value, [s, badge]]);
  }
}
