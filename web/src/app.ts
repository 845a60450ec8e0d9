import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Http } from '../../src/client/http.ts';
import type { User } from '../../src/client/objects.ts';
import { type Attention, watchAttention } from './browser/attention.ts';
import { watchCalendar } from './browser/calendar.ts';
import { copyText } from './browser/clipboard.ts';
import { refuseDrops } from './browser/drops.ts';
import { keepFocus } from './browser/focus.ts';
import { Highlighter } from './browser/highlighter.ts';
import { watchMedia } from './browser/media.ts';
import { Navigation } from './browser/navigation.ts';
import { openStorage } from './browser/storage.ts';
import { openTabs } from './browser/tabs.ts';
import { keepTheme, type Theme } from './browser/theme.ts';
import { accountPrefix, removeOld } from './state/account-storage.ts';
import { summed } from './state/badges.ts';
import { Chat } from './state/chat.ts';
import { codeOf, fieldOf, wordsFor } from './state/errors.ts';
import type { Overlay } from './state/overlay.ts';
import { retrying } from './state/retrying.ts';

/** A short word to the reader, gone after a while. */
export type Toast = { readonly key: number; readonly text: string; readonly isError: boolean };

const toastMs = 6_000;

/** A server that has not answered by then is taken to be away, in ms. */
const answerMsMax = 30_000;

/** The page as a whole: who is logged in, where they are, and what lies on top. */
export class App {
  readonly storage = openStorage();
  readonly navigation = new Navigation({ closeDownTo: (layers) => this.#closeDownTo(layers) });
  readonly attention: Attention = watchAttention();
  /** The day it is, and the time zone. */
  readonly calendar: ReadonlySignal<string> = watchCalendar();
  readonly theme: Signal<Theme> = keepTheme(this.storage);
  readonly isPhone: ReadonlySignal<boolean> = watchMedia('(max-width: 759px)');
  /** One writes on the screen, where Enter is the only way to a new line. */
  readonly isTouch: ReadonlySignal<boolean> = watchMedia('(pointer: coarse)');
  readonly isWide: ReadonlySignal<boolean> = watchMedia('(min-width: 1120px)');
  readonly highlighter = new Highlighter();
  /** Undefined while nobody is logged in. */
  readonly chat = signal<Chat | undefined>(undefined);
  readonly isStarting = signal(true);
  /** Why it is not known yet whether somebody is logged in, for people. */
  readonly startWrong = signal('');
  /** What the middle of the page is called. */
  readonly title = signal('');
  readonly overlay = signal<Overlay | undefined>(undefined);
  readonly side = signal<'members' | 'pins' | undefined>(undefined);
  readonly toasts = signal<readonly Toast[]>([]);
  /** Where somebody last was in a circle. */
  readonly lastStreams = new Map<string, string>();
  readonly unread = computed(() => {
    const { unread, mentions } = summed(this.chat.value?.badges.all.value.values() ?? []);
    return { unread, mentions };
  });
  /** What Back closes: a dialog, and a pane that lies on the conversation. */
  readonly #layers = computed(() => {
    const isCircle = this.navigation.route.value.at === 'circle';
    const isPaneOnTop = isCircle && this.side.value !== undefined && !this.isWide.value;
    return Number(isPaneOnTop) + Number(this.overlay.value !== undefined);
  });
  readonly #tabs = openTabs((user) => this.#onOtherUser(user));
  readonly #anyone = this.#httpOf();
  #toastCount = 0;
  #starts = 0;

  /** Requests as the user that is logged in on this page. */
  get http(): Http {
    return this.chat.peek()?.http ?? this.#anyone;
  }

  /** Finds out whether somebody is logged in. */
  async start(): Promise<void> {
    removeOld(this.storage, Date.now());
    refuseDrops();
    keepFocus();
    this.#askBeforeLoss();
    this.side.value = this.isWide.value ? 'members' : undefined;
    effect(() => this.navigation.setLayers(this.#layers.value));
    effect(() => this.chat.value?.setStatus(this.attention.status.value));
    const reconnect = (): void => {
      this.chat.peek()?.client.retry();
      if (this.startWrong.peek() !== '') void this.findAccount();
    };
    addEventListener('online', reconnect);
    effect(() => {
      if (this.attention.isFocused.value) reconnect();
    });
    await this.findAccount();
  }

  /** Asks whether somebody is logged in, until the server says it. */
  async findAccount(): Promise<void> {
    this.#starts += 1;
    const start = this.#starts;
    const ask = async (): Promise<User | undefined> => {
      try {
        return await this.http.me();
      } catch (error) {
        if (codeOf(error) === 'unauthenticated') return undefined;
        throw error;
      }
    };
    const onError = (error: unknown): void => {
      this.startWrong.value = wordsFor(error);
    };
    const find = async (): Promise<void> => {
      const user = await ask();
      if (start !== this.#starts) return;
      this.startWrong.value = '';
      this.isStarting.value = false;
      if (user) this.enter(user);
    };
    await retrying(find, { isOver: () => start !== this.#starts, onError });
  }

  /** Enters after a login on this page, and notifies the other tabs, which share the session. */
  logIn(user: User): void {
    this.#tabs.announce(user.id);
    this.enter(user);
  }

  enter(user: User): void {
    this.chat.value?.close();
    this.chat.value = new Chat({
      url: location.origin,
      http: this.#httpOf(user.id),
      user,
      storage: this.storage,
      now: Date.now,
      isAttended: () => this.attention.isFocused.peek(),
      onLoggedOut: () => {
        this.leave();
        this.say('You were logged out.');
      },
      onReplaced: () => this.#onOtherUser(),
      onGone: (id, code) => this.#gone(id, code),
      onError: (error) => this.fail(error),
      onNotSent: (s) => this.#notSent(s),
    });
  }

  /**
   * Back to the login page, with nothing left of who was here but what this browser keeps for them alone; whoever
   * logs in again is where they were.
   */
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
    // Of another user's session it was said before.
    if (fieldOf(error) === 'Oshi-User') return;
    this.#toast(wordsFor(error), true);
  }

  /** Puts a text on the clipboard, and says whether that was done. */
  async copy(text: string, what: string): Promise<void> {
    if (await copyText(text)) this.say(`Copied the ${what} to the clipboard.`);
    else
      this.#toast(
        `This browser does not allow copying here: select the ${what} and copy it.`,
        true,
      );
  }

  dismiss(key: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.key !== key);
  }

  /** Goes to a circle: where one was last, else to its first stream. */
  goToCircle(circle: string): void {
    const stream = this.lastStreams.get(circle);
    this.navigation.go({ at: 'circle', circle, ...(stream !== undefined && { stream }) });
  }

  /** The session of this browser is another user's, after a login in another tab. */
  #onOtherUser(user?: string): void {
    const chat = this.chat.peek();
    if (!chat || chat.me.id === user) return;
    this.leave();
    this.say('Another account has logged in on this browser.');
    this.isStarting.value = true;
    void this.findAccount();
  }

  #httpOf(user?: string): Http {
    return new Http({
      ...{ url: location.origin, user, onOtherUser: () => this.#onOtherUser() },
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(answerMsMax) }),
    });
  }

  #toast(text: string, isError: boolean): void {
    this.#toastCount += 1;
    const key = this.#toastCount;
    this.toasts.value = [...this.toasts.value.slice(-2), { key, text, isError }];
    setTimeout(() => this.dismiss(key), toastMs);
  }

  /** The topmost is the dialog. */
  #closeDownTo(layers: number): void {
    if (this.#layers.value > layers) this.overlay.value = undefined;
    if (this.#layers.value > layers) this.side.value = undefined;
  }

  /** Where the browser keeps nothing, what is written goes with the page. */
  #askBeforeLoss(): void {
    addEventListener('beforeunload', (event) => {
      if (!this.storage.isLasting(accountPrefix)) event.preventDefault();
    });
  }

  #notSent(s: string): void {
    const [circle = ''] = s.split('/');
    const room = this.chat.peek()?.memberships.circles.peek().get(circle);
    const where = room ? ` in ${room.titleOf(s)}` : '';
    this.#toast(`A message${where} was not sent. It is saved there.`, true);
  }

  #gone(id: string, code: string): void {
    const [circle = '', stream] = id.split('/');
    const { value: overlay } = this.overlay;
    if (overlay && 'circle' in overlay && overlay.circle === circle) this.overlay.value = undefined;
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
