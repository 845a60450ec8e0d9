import {
  type Circle,
  createCircle,
  createStream,
  decorate,
  join,
  leave,
  openDirect,
  type Stream,
} from './circles.ts';
import { type Dice, dice } from './dice.ts';
import { happen } from './messages.ts';
import { live, type Person, register } from './people.ts';
import { type Draft, Round } from './round.ts';

/** Somebody, a circle of theirs, and a word in it. */
export const eventsMin = 10;

export type HistoryOptions = { readonly events: number; readonly seed: number };

/** When it begins, in ms since 1970: the history of a community takes 300 days, however much happens. */
const beginsAt = Date.UTC(2025, 0, 1);
const lastsMs = 300 * 86_400_000;

/** Past these a community does not grow, so that a long history takes no more memory than this. */
const peopleMax = 20_000;
const circlesMax = 8_000;
const streamsMax = 20_000;

/** So many events may belong to what is not chat in one round, and then there is chat again. */
const othersShare = 0.12;
const othersMax = 2000;
/** Even a short history has so many rounds: nobody says all in one breath. */
const roundsMin = 60;
/** A third of what is said is said in these streams, which are the oldest. */
const hotStreams = 6;
/** The rest is said in so many others for a while, and then in others again: people talk in bursts. */
const livelyStreams = 2500;
/** A round ends where all that people could say has no room in it. */
const triesMax = 50_000;
/** So many are in a circle at most. */
const membersMax = 400;

/** A made-up community, as far as what happens next depends on what happened. */
class Community {
  readonly round = new Round();
  readonly dice: Dice;
  readonly people: Person[] = [];
  readonly circles: Circle[] = [];
  readonly streams: Stream[] = [];
  readonly #directs = new Set<string>();

  constructor(seed: number, at: number) {
    this.dice = dice(seed);
    const founder = register(this, 0, at);
    const stream = createCircle(this, founder, at);
    this.people.push(founder);
    this.circles.push(stream.circle);
    this.streams.push(stream);
  }

  #newcomer(circle: Circle): Person | undefined {
    const person = this.dice.pick(this.people);
    const isIn = circle.members.includes(person);
    return isIn || circle.members.length >= membersMax ? undefined : person;
  }

  /** Something that is no chat; at times nothing, where what was drawn is not possible. */
  grow(share: number, { people, circles }: { people: number; circles: number }, at: number): void {
    const wanted = (most: number): number => Math.ceil(most * Math.min(1, 0.02 + share * 1.3));
    if (this.people.length < wanted(people)) {
      this.people.push(register(this, this.people.length, at));
    } else if (this.circles.length < wanted(circles)) {
      this.#found(at);
    } else {
      this.#change(at);
    }
  }

  #found(at: number): void {
    const isDirect = this.people.length > 1 && this.dice.next() < 0.4;
    const [one, other] = [this.dice.pick(this.people), this.dice.pick(this.people)];
    const pair = [one.id, other.id].sort().join();
    if (isDirect && (one === other || this.#directs.has(pair))) return;
    if (isDirect) this.#directs.add(pair);
    const stream = isDirect ? openDirect(this, [one, other], at) : createCircle(this, one, at);
    this.circles.push(stream.circle);
    this.streams.push(stream);
  }

  /** Most of what is no chat: people come, some go, streams are added. */
  #change(at: number): void {
    const circle = this.dice.pick(this.circles);
    const { owner } = circle;
    const chance = this.dice.next();
    if (chance < 0.2) live(this, this.dice.pick(this.people), at);
    else if (!owner || chance < 0.35) decorate(this, circle, at);
    else if (chance < 0.4) leave(this, circle, at);
    else if (chance < 0.5 && this.streams.length < streamsMax) {
      this.streams.push(createStream(this, circle, { by: owner.id, at }));
    } else {
      const newcomer = this.#newcomer(circle);
      if (newcomer) join(this, { circle, newcomer }, at);
    }
  }

  /** Where people talk for a while. */
  lively(): { readonly hot: readonly Stream[]; readonly others: readonly Stream[] } {
    const { dice, streams } = this;
    const length = Math.min(livelyStreams, streams.length);
    return {
      hot: streams.slice(0, hotStreams),
      others: Array.from({ length }, () => dice.pick(streams)),
    };
  }

  chat({ hot, others }: ReturnType<Community['lively']>, at: number): void {
    const { dice } = this;
    const stream = dice.pick(dice.next() < 0.33 ? hot : others);
    if (this.round.hasRoom(stream.aggregate)) happen(this, stream, at);
  }
}

/**
 * What might have happened in a community, valid by the rules, as rounds of commits that may be appended together:
 * no two of a round are of one aggregate. Exactly so many events, `eventsMin` at least; the same for the same options.
 */
export function* history({ events, seed }: HistoryOptions): Generator<readonly Draft[]> {
  const community = new Community(seed, beginsAt);
  const { round } = community;
  const sizes = {
    people: Math.min(peopleMax, Math.max(3, Math.ceil(events / 60))),
    circles: Math.min(circlesMax, Math.max(2, Math.ceil(events / 130))),
  };
  const others = Math.min(othersMax, Math.ceil((events / roundsMin) * othersShare));
  const now = (): number => beginsAt + Math.floor((round.events / events) * lastsMs);
  while (round.events < events) {
    const begun = round.events;
    // What is no chat comes first: it stands before what follows from it.
    while (events - round.events > eventsMin && round.events - begun < others && !round.isFull) {
      community.grow(round.events / events, sizes, now());
    }
    const chats = Math.max(eventsMin, Math.ceil((round.events - begun) / othersShare));
    const until = Math.min(events, begun + chats);
    const lively = community.lively();
    for (let tries = 0; round.events < until && !round.isFull && tries < triesMax; tries++) {
      community.chat(lively, now());
    }
    yield round.take();
  }
}
