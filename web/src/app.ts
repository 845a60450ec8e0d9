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
import { codeOf, errorText, fieldOf } from './state/errors.ts';
import type { Overlay, Question } from './state/overlay.ts';
import { Preparing } from './state/preparing.ts';
import { retrying } from './state/retrying.ts';

/** A short notice that disappears after a while. */
export type Toast = { readonly key: number; readonly text: string; readonly isError: boolean };

const toastMs = 6_000;

/** A server that has not answered by then counts as unavailable, in ms. */
const answerMsMax = 30_000;

/** The page as a whole: the user, the route, and overlays. */
export class App {
  readonly storage = openStorage();
  readonly navigation = new Navigation({ closeDownTo: (layers) => this.#closeDownTo(layers) });
  readonly attention: Attention = watchAttention();
  /** The current day and time zone. */
  readonly calendar: ReadonlySignal<string> = watchCalendar();
  readonly theme: Signal<Theme> = keepTheme(this.storage);
  readonly isPhone: ReadonlySignal<boolean> = watchMedia('(max-width: 759px)');
  /** Typing on a screen, where Enter is the only way to insert a line break. */
  readonly isTouch: ReadonlySignal<boolean> = watchMedia('(pointer: coarse)');
  readonly isWide: ReadonlySignal<boolean> = watchMedia('(min-width: 1120px)');
  readonly highlighter = new Highlighter();
  /** Undefined while logged out. */
  readonly chat = signal<Chat | undefined>(undefined);
  readonly isStarting = signal(true);
  readonly preparing = new Preparing();
  /** Why the session could not be determined, as text. */
  readonly startProblem = signal('');
  /** The title of the main area. */
  readonly title = signal('');
  readonly overlay = signal<Overlay | undefined>(undefined);
  readonly side = signal<'members' | 'pins' | undefined>(undefined);
  readonly toasts = signal<readonly Toast[]>([]);
  /** The last open stream by circle. */
  readonly lastStreams = new Map<string, string>();
  readonly unread = computed(() => summed(this.chat.value?.badges.all.value.values() ?? []).unread);
  /** What Back closes: a dialog, and a pane over the conversation. */
  readonly #layers = computed(() => {
    const isCircle = this.navigation.route.value.at === 'circle';
    const isPaneOnTop = isCircle && this.side.value !== undefined && !this.isWide.value;
    return Number(isPaneOnTop) + Number(this.overlay.value !== undefined);
  });
  readonly #tabs = openTabs((user) => this.#onOtherUser(user));
  readonly #anyone = this.#httpOf();
  #toastCount = 0;
  #starts = 0;

  /** Requests as the logged-in user. */
  get http(): Http {
    return this.chat.peek()?.http ?? this.#anyone;
  }

  /** Initializes the page and finds the session. */
  async start(): Promise<void> {
    removeOld(this.storage, Date.now());
    refuseDrops();
    keepFocus();
    this.#askBeforeLoss();
    this.side.value = this.isWide.value ? 'members' : undefined;
    effect(() => this.navigation.setLayers(this.#layers.value));
    effect(() => this.chat.value?.client.presence(this.attention.status.value));
    const reconnect = (): void => {
      this.chat.peek()?.client.retry();
      if (this.startProblem.peek() !== '') void this.findAccount();
    };
    addEventListener('online', reconnect);
    effect(() => {
      if (this.attention.isFocused.value) reconnect();
    });
    await this.findAccount();
  }

  /** Determines the session, retrying until the server answers. */
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
      this.startProblem.value = errorText(error);
    };
    const find = async (): Promise<void> => {
      const user = await ask();
      if (start !== this.#starts) return;
      this.startProblem.value = '';
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
      isFocused: () => this.attention.isFocused.peek(),
      onLoggedOut: () => {
        this.leave();
        this.notify('You were logged out.');
      },
      onReplaced: () => this.#onOtherUser(),
      onGone: (id, code) => this.#gone(id, code),
      onError: (error) => this.fail(error),
      onNotSent: (s) => this.#notSent(s),
    });
  }

  /** Returns to the login page and discards all state except the account's storage in this browser. */
  leave(): void {
    this.chat.value?.close();
    this.chat.value = undefined;
    this.overlay.value = undefined;
    this.lastStreams.clear();
  }

  notify(text: string): void {
    this.#toast(text, false);
  }

  fail(error: unknown): void {
    // The switch to another user's session was already reported.
    if (fieldOf(error) === 'Oshi-User') return;
    this.#toast(errorText(error), true);
  }

  show(overlay: Overlay): void {
    this.overlay.value = overlay;
  }

  /** Asks for a confirmation before an action. */
  ask(question: Omit<Question, 'is'>): void {
    this.show({ is: 'question', ...question });
  }

  /** Reports the failure of an action. */
  attempt(action: Promise<unknown>): void {
    action.catch((error: unknown) => this.fail(error));
  }

  /** Copies a text to the clipboard, and reports the result. */
  async copy(text: string, what: string): Promise<void> {
    if (await copyText(text)) this.notify(`Copied the ${what} to the clipboard.`);
    else
      this.#toast(
        `This browser does not allow copying here: select the ${what} and copy it.`,
        true,
      );
  }

  dismiss(key: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.key !== key);
  }

  /** Opens a circle: at its last open stream, else at its first. */
  goToCircle(circle: string): void {
    const stream = this.lastStreams.get(circle);
    this.navigation.go({ at: 'circle', circle, ...(stream !== undefined && { stream }) });
  }

  /** The browser's session belongs to another user, after a login in another tab. */
  #onOtherUser(user?: string): void {
    const chat = this.chat.peek();
    if (!chat || chat.me.id === user) return;
    this.leave();
    this.notify('Another account has logged in on this browser.');
    this.isStarting.value = true;
    void this.findAccount();
  }

  #httpOf(user?: string): Http {
    return new Http({
      ...{ url: location.origin, user, onOtherUser: () => this.#onOtherUser() },
      fetch: async (input, init) => {
        const response = await fetch(input, { ...init, signal: AbortSignal.timeout(answerMsMax) });
        if (response.status === 503) await this.preparing.look();
        return response;
      },
    });
  }

  #toast(text: string, isError: boolean): void {
    this.#toastCount += 1;
    const key = this.#toastCount;
    this.toasts.value = [...this.toasts.value.slice(-2), { key, text, isError }];
    setTimeout(() => this.dismiss(key), toastMs);
  }

  /** The dialog is on top. */
  #closeDownTo(layers: number): void {
    if (this.#layers.value > layers) this.overlay.value = undefined;
    if (this.#layers.value > layers) this.side.value = undefined;
  }

  /** Without storage, unsent text is lost with the page. */
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
    if (code === 'removed') this.notify(`You are no longer in this ${what}.`);
    if (code === 'deleted') this.notify(`This ${what} was deleted.`);
    this.lastStreams.delete(circle);
    this.navigation.go(stream ? { at: 'circle', circle } : { at: 'home' }, { replace: true });
  }
}
