import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Http } from '../../../../src/client/http.ts';
import type {
  Circle,
  Member,
  Message,
  Participant,
  Stream,
} from '../../../../src/client/objects.ts';
import { errorText } from '../errors.ts';
import type { Life } from './life.ts';

/** The delay after a move before the server is request, in ms. */
export const restMs = 150;
const membersPage = 100;
const messagesPage = 50;

/** A past state of a circle. */
export type PastState = {
  /** In ms since 1970; undefined: now. */
  readonly at: number | undefined;
  readonly circle: Circle;
  readonly members: readonly Member[];
  /** The cursor of more members; undefined: none. */
  readonly nextMembers: string | undefined;
  readonly streams: readonly Stream[];
};

/** The messages of one of its streams. */
export type PastMessages = {
  readonly stream: string;
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
};

export type PastDeps = {
  readonly http: Pick<Http, 'circle' | 'circleThen' | 'members' | 'streams' | 'history'>;
  readonly now: () => number;
  readonly onUsers: (users: readonly Participant[]) => void;
  /** Called once the user stops at a time. */
  readonly onRest: (at: number | undefined) => void;
};

/** A circle at a selected point in time. */
export class Past {
  /** In ms since 1970; undefined: now. */
  readonly at = signal<number | undefined>(undefined);
  readonly life: ReadonlySignal<Life | undefined>;
  readonly shown = signal<PastState | undefined>(undefined);
  /** The open stream and its messages; undefined: not loaded. */
  readonly stream = signal<string | undefined>(undefined);
  readonly opened = signal<PastMessages | undefined>(undefined);
  readonly isBusy = signal(false);
  readonly problem = signal('');
  readonly #circle: string;
  readonly #deps: PastDeps;
  readonly #from = signal<number | undefined>(undefined);
  readonly #to = signal(0);
  #requests = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(circle: string, deps: PastDeps) {
    this.#circle = circle;
    this.#deps = deps;
    this.life = computed(() => {
      const from = this.#from.value;
      return from === undefined ? undefined : { from, to: Math.max(from + 1, this.#to.value) };
    });
  }

  /** Finds the start of the circle, and shows its current state. */
  async open(): Promise<void> {
    this.#to.value = this.#deps.now();
    try {
      this.#from.value = (await this.#deps.http.circleThen(this.#circle, 1)).moment.at;
    } catch (error) {
      this.problem.value = errorText(error);
      return;
    }
    await this.#read();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#requests += 1;
  }

  /** Selects a time; times before the circle's creation select its start. */
  goTo(at: number | undefined): void {
    this.#to.value = this.#deps.now();
    const { from, to } = this.life.value ?? { from: 0, to: 0 };
    this.at.value = at === undefined || at >= to ? undefined : Math.max(from, at);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#deps.onRest(this.at.value);
      void (this.#from.value === undefined ? this.open() : this.#read());
    }, restMs);
  }

  /** Opens a past stream; undefined closes it. */
  async openStream(stream: string | undefined): Promise<void> {
    this.stream.value = stream;
    this.opened.value = undefined;
    if (stream === undefined) return;
    // The request in progress is for another time or stream.
    if (this.isBusy.value) return this.#read();
    await this.#run(async (isOver) => {
      const opened = await this.#readStream(this.shown.value?.streams ?? []);
      if (!isOver()) this.opened.value = opened;
    });
  }

  async readOlder(): Promise<void> {
    const opened = this.opened.value;
    const first = opened?.messages[0];
    if (!opened || !first || !opened.hasOlder || this.isBusy.value) return;
    await this.#run(async (isOver) => {
      const older = await this.#page(opened.stream, first.m);
      if (isOver() || this.opened.value !== opened) return;
      this.opened.value = { ...older, messages: [...older.messages, ...opened.messages] };
    });
  }

  async readMoreMembers(): Promise<void> {
    const then = this.shown.value;
    if (then?.nextMembers === undefined || this.isBusy.value) return;
    await this.#run(async (isOver) => {
      const { members, next } = await this.#members(then.nextMembers);
      if (isOver() || this.shown.value !== then) return;
      this.shown.value = { ...then, members: [...then.members, ...members], nextMembers: next };
    });
  }

  #read(): Promise<void> {
    return this.#run(async (isOver) => {
      const { http } = this.#deps;
      const at = this.at.value;
      const [circle, { members, next }, { streams }] = await Promise.all([
        at === undefined
          ? http.circle(this.#circle)
          : http.circleThen(this.#circle, at).then((found) => found.circle),
        this.#members(undefined),
        http.streams(this.#circle, { at, limit: 200 }),
      ]);
      const opened = isOver() ? undefined : await this.#readStream(streams);
      if (isOver()) return;
      this.shown.value = { at, circle, members, nextMembers: next, streams };
      this.opened.value = opened;
    });
  }

  /** The messages of the open stream, if it is one of these. */
  async #readStream(streams: readonly Stream[]): Promise<PastMessages | undefined> {
    const stream = this.stream.value;
    if (stream === undefined) return undefined;
    return streams.some(({ id }) => id === stream)
      ? this.#page(stream)
      : { stream, messages: [], hasOlder: false };
  }

  async #page(stream: string, before?: number): Promise<PastMessages> {
    const at = this.at.value;
    const page = { at, limit: messagesPage, ...(before !== undefined && { before }) };
    const found = await this.#deps.http.history(`${this.#circle}/${stream}`, page);
    this.#deps.onUsers(found.users);
    return { stream, messages: found.messages, hasOlder: found.more.before };
  }

  async #members(cursor: string | undefined) {
    const page = { at: this.at.value, cursor, limit: membersPage };
    const found = await this.#deps.http.members(this.#circle, page);
    this.#deps.onUsers(
      found.members.map(({ user, nickname }) => ({
        ...user,
        member: { ...(nickname && { nickname }) },
      })),
    );
    return found;
  }

  /** One request at a time: the results of earlier ones are discarded. */
  async #run(read: (isOver: () => boolean) => Promise<void>): Promise<void> {
    this.#requests += 1;
    const request = this.#requests;
    const isOver = (): boolean => request !== this.#requests;
    this.isBusy.value = true;
    try {
      await read(isOver);
      if (!isOver()) this.problem.value = '';
    } catch (error) {
      if (!isOver()) this.problem.value = errorText(error);
    }
    if (!isOver()) this.isBusy.value = false;
  }
}
