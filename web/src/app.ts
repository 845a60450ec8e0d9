import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { OshiError } from '../../src/client/error.ts';
import { Http } from '../../src/client/http.ts';
import type { User } from '../../src/client/objects.ts';
import { type Attention, watchAttention } from './browser/attention.ts';
import { watchMedia } from './browser/media.ts';
import { Navigation } from './browser/navigation.ts';
import { keepTheme, type Theme } from './browser/theme.ts';
import { summed } from './state/badges.ts';
import { Chat } from './state/chat.ts';
import { wordsFor } from './state/errors.ts';
import type { Overlay } from './state/overlay.ts';

/** A short word to the reader, gone after a while. */
export type Toast = { readonly key: number; readonly text: string; readonly isError: boolean };

const toastMs = 6_000;

/** The page as a whole: who is logged in, where they are, and what lies on top. */
export class App {
  readonly navigation = new Navigation();
  readonly attention: Attention = watchAttention();
  readonly theme: Signal<Theme> = keepTheme();
  readonly isPhone: ReadonlySignal<boolean> = watchMedia('(max-width: 759px)');
  readonly isWide: ReadonlySignal<boolean> = watchMedia('(min-width: 1120px)');
  readonly http = new Http({ url: location.origin });
  /** Undefined while nobody is logged in. */
  readonly chat = signal<Chat | undefined>(undefined);
  readonly isStarting = signal(true);
  readonly overlay = signal<Overlay | undefined>(undefined);
  readonly side = signal<'members' | 'pins' | undefined>(undefined);
  readonly toasts = signal<readonly Toast[]>([]);
  /** Where somebody last was in a circle. */
  readonly lastStreams = new Map<string, string>();
  readonly unread = computed(() => {
    const { unread, mentions } = summed(this.chat.value?.badges.all.value.values() ?? []);
    return { unread, mentions };
  });
  #toastCount = 0;

  /** Finds out whether somebody is logged in. */
  async start(): Promise<void> {
    this.side.value = this.isWide.value ? 'members' : undefined;
    effect(() => this.chat.value?.setStatus(this.attention.status.value));
    const reconnect = () => this.chat.peek()?.client.retry();
    addEventListener('online', reconnect);
    effect(() => {
      if (this.attention.isFocused.value) reconnect();
    });
    try {
      this.enter(await this.http.me());
    } catch (error) {
      if (!(error instanceof OshiError) || error.code !== 'unauthenticated') this.fail(error);
    }
    this.isStarting.value = false;
  }

  enter(user: User): void {
    this.chat.value?.close();
    this.chat.value = new Chat({
      url: location.origin,
      http: this.http,
      user,
      now: Date.now,
      isAttended: () => this.attention.isFocused.peek(),
      onLoggedOut: () => {
        this.leave();
        this.say('You were logged out.');
      },
      onGone: (id, code) => this.#gone(id, code),
    });
  }

  /** Back to the login page, with nothing left of who was here; whoever logs in again is where they were. */
  leave(): void {
    this.chat.value?.close();
    this.chat.value = undefined;
    this.overlay.value = undefined;
    this.lastStreams.clear();
  }

  say(text: string): void {
    this.#toast(text, false);
  }

  fail(error: unknown): void {
    this.#toast(wordsFor(error), true);
  }

  dismiss(key: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.key !== key);
  }

  /** Goes to a circle: where one was last, else to its first stream. */
  goToCircle(circle: string): void {
    const stream = this.lastStreams.get(circle);
    this.navigation.go({ at: 'circle', circle, ...(stream !== undefined && { stream }) });
  }

  #toast(text: string, isError: boolean): void {
    this.#toastCount += 1;
    const key = this.#toastCount;
    this.toasts.value = [...this.toasts.value.slice(-2), { key, text, isError }];
    setTimeout(() => this.dismiss(key), toastMs);
  }

  #gone(id: string, code: string): void {
    const [circle, stream] = id.split('/');
    const route = this.navigation.route.peek();
    const isHere = route.at === 'circle' && route.circle === circle;
    if (!isHere || (stream !== undefined && route.stream !== stream)) return;
    const what = stream === undefined ? 'circle' : 'stream';
    if (code === 'removed') this.say(`You are no longer in this ${what}.`);
    if (code === 'deleted') this.say(`This ${what} was deleted.`);
    this.lastStreams.delete(circle);
    this.navigation.go(stream ? { at: 'circle', circle } : { at: 'home' }, { replace: true });
  }
}
