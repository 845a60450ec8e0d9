import { expect } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { LiveNode, liveNodesStage, Socket } from '../fixtures/live-nodes-stage.ts';
import type { PassingFrame } from '../fixtures/live-stage.ts';
import { circleNumber, numbered, stamped } from './chatter.ts';

/** What may happen. `who` is one of a few users; `at` and `to` are nodes, `socket` is a connection, modulo how many there are. */
export type NodesStep =
  | { readonly does: 'connect' | 'flood'; readonly who: number; readonly at: number }
  | { readonly does: 'join' | 'remove'; readonly who: number; readonly circle: number }
  | { readonly does: 'leave' | 'idle' | 'online'; readonly socket: number }
  | { readonly does: 'move'; readonly socket: number; readonly to: number; readonly ms: number }
  | { readonly does: 'crash' | 'cut' | 'heal' | 'lose' | 'keep'; readonly at: number }
  | { readonly does: 'lag'; readonly at: number; readonly ms: number }
  | { readonly does: 'start' }
  | { readonly does: 'wait'; readonly ms: number };

type View = { readonly online: readonly number[]; readonly idle: readonly number[] };

const circles = [1, 2];
/** A member of every circle, who follows all of them on every node. */
const observer = 9;
const nodesMax = 4;
const floodOf = 8;

/** A node, whom its hub has as members, and what its observer believes of who is there. */
class Played {
  readonly node: LiveNode;
  readonly members: Map<number, Set<number>>;
  readonly beliefs = new Map<number, Map<number, string>>();

  constructor(node: LiveNode, members: ReadonlyMap<number, ReadonlySet<number>>) {
    this.node = node;
    this.members = new Map([...members].map(([circle, users]) => [circle, new Set(users)]));
    node.hub.listen((recorded) => {
      const circle = circles.find((each) => circleNumber(each) === recorded.aggregate);
      if (circle !== undefined)
        for (const event of recorded.commit.events) this.#hear(circle, event);
      node.live.onCommit(recorded);
    });
  }

  /** Lets the observer follow all circles. */
  async observe(socket: Socket): Promise<void> {
    socket.onPassing = (frame) => this.#believe(frame);
    for (const circle of circles) {
      await this.node.follow(socket, numbered(circle));
      const { online, idle } = this.view(circle);
      const belief = new Map<number, string>();
      for (const user of online) belief.set(user, 'online');
      for (const user of idle) belief.set(user, 'idle');
      this.beliefs.set(circle, belief);
    }
  }

  /** The presence of a circle here, of members only. */
  view(circle: number): View {
    const view = this.node.presence(numbered(circle));
    for (const user of [...view.online, ...view.idle]) this.#checkShown(circle, user);
    return view;
  }

  believed(circle: number): View {
    const users = (of: string) =>
      [...(this.beliefs.get(circle) ?? [])]
        .filter(([, status]) => status === of)
        .map(([user]) => user)
        .sort((a, b) => a - b);
    return { online: users('online'), idle: users('idle') };
  }

  #hear(circle: number, { k, d }: LoggedEvent): void {
    if (k !== 'member-joined' && k !== 'member-removed') return;
    const user = Number(d.user.slice(-12));
    if (k === 'member-joined') {
      this.members.get(circle)?.add(user);
    } else {
      this.members.get(circle)?.delete(user);
      this.beliefs.get(circle)?.delete(user);
    }
  }

  #believe({ k, s, d = {} }: PassingFrame): void {
    if (k !== 'presence') return;
    const circle = Number(s.slice(-12));
    for (const status of ['online', 'idle', 'offline'] as const) {
      for (const name of d[status] ?? []) {
        const user = Number(name.slice(-12));
        this.#checkShown(circle, user);
        if (status === 'offline') this.beliefs.get(circle)?.delete(user);
        else this.beliefs.get(circle)?.set(user, status);
      }
    }
  }

  #checkShown(circle: number, user: number): void {
    expect(this.members.get(circle), `somebody outside on ${this.node.id}`).toContain(user);
  }
}

type Open = { readonly at: Played; readonly socket: Socket; status: 'online' | 'idle' };

/** Lets things happen on several nodes, and keeps in a simple way who is where. */
export class LiveNodesPlay {
  readonly #stage: ReturnType<typeof liveNodesStage>;
  readonly #members = new Map(circles.map((circle) => [circle, new Set<number>([observer])]));
  readonly #open: Open[] = [];
  #nodes: Played[] = [];
  #started = 0;

  constructor(stage: ReturnType<typeof liveNodesStage>) {
    this.#stage = stage;
  }

  async begin(): Promise<void> {
    for (const circle of circles)
      this.#stage.log.record(circleNumber(circle), [
        stamped('member-joined', { user: numbered(observer) }),
      ]);
    await this.#start();
    await this.#start();
  }

  async happen(step: NodesStep): Promise<void> {
    if (step.does === 'wait') await this.#wait(step.ms);
    else if (step.does === 'start') await this.#start();
    else if ('who' in step) this.#act(step);
    else if ('socket' in step) await this.#touch(step);
    else this.#disturb(step);
    this.#look();
  }

  /** Repairs everything, waits until everything is known, and compares. */
  async finish(): Promise<void> {
    for (const played of this.#nodes) {
      played.node.ports.isCut = false;
      played.node.lag.ms = 0;
      played.node.loss.isLost = () => false;
    }
    await this.#wait(25_000);
    for (const circle of circles) {
      const expected = this.#expected(circle);
      for (const played of this.#nodes) {
        expect(played.view(circle), `the presence on ${played.node.id}`).toEqual(expected);
        expect(played.believed(circle), `what ${played.node.id} has sent`).toEqual(expected);
      }
    }
    const counts = new Map<string, number>();
    for (const { socket } of this.#open)
      counts.set(socket.user, (counts.get(socket.user) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(limits.connectionsPerUserMax);
    expect(this.#stage.errors).toEqual([]);
  }

  end(): void {
    for (const { node } of this.#nodes) node.crash();
  }

  #expected(circle: number): View {
    const members = [...(this.#members.get(circle) ?? [])].sort((a, b) => a - b);
    const statuses = (user: number) =>
      this.#open.filter(({ socket }) => socket.user === numbered(user)).map(({ status }) => status);
    const online = members.filter((user) => statuses(user).includes('online'));
    const idle = members.filter((user) => !online.includes(user) && statuses(user).length > 0);
    return { online, idle };
  }

  async #start(): Promise<void> {
    if (this.#nodes.length >= nodesMax) return;
    const node = await this.#stage.start(`n${this.#started++}`);
    const played = new Played(node, this.#members);
    this.#nodes.push(played);
    await played.observe(this.#connect(observer, played));
  }

  #connect(who: number, at: Played): Socket {
    const socket = at.node.connect(who);
    const open: Open = { at, socket, status: 'online' };
    this.#open.push(open);
    socket.onClose = () => this.#leave(open);
    return socket;
  }

  #leave(open: Open): void {
    this.#open.splice(this.#open.indexOf(open), 1);
    open.at.node.leave(open.socket);
  }

  #act(step: Extract<NodesStep, { who: number }>): void {
    if ('circle' in step) {
      this.#changeMembers(step);
      return;
    }
    const at = this.#nodes[step.at % this.#nodes.length];
    for (let left = step.does === 'flood' ? floodOf : 1; at && left > 0; left--)
      this.#connect(step.who, at);
  }

  #changeMembers({ does, who, circle }: Extract<NodesStep, { circle: number }>): void {
    const members = this.#members.get(circle);
    const isJoining = does === 'join';
    if (!members || members.has(who) === isJoining) return;
    if (isJoining) members.add(who);
    else members.delete(who);
    const kind = isJoining ? 'member-joined' : 'member-removed';
    this.#stage.log.record(circleNumber(circle), [stamped(kind, { user: numbered(who) })]);
  }

  async #touch(step: Extract<NodesStep, { socket: number }>): Promise<void> {
    const others = this.#open.filter(({ socket }) => socket.user !== numbered(observer));
    const open = others[step.socket % Math.max(1, others.length)];
    if (!open) return;
    if (step.does === 'idle' || step.does === 'online') {
      open.status = step.does;
      open.at.node.say(open.socket, step.does);
      return;
    }
    this.#leave(open);
    if (step.does !== 'move') return;
    await this.#wait(step.ms);
    const to = this.#nodes[step.to % this.#nodes.length];
    if (to) this.#connect(Number(open.socket.user.slice(-12)), to);
  }

  #disturb(step: Extract<NodesStep, { at: number }>): void {
    const played = this.#nodes[step.at % this.#nodes.length];
    if (!played) return;
    const { node } = played;
    if (step.does === 'lag') node.lag.ms = step.ms;
    else if (step.does === 'crash') this.#crash(played);
    else if (step.does === 'cut' || step.does === 'heal') node.ports.isCut = step.does === 'cut';
    else this.#lose(node, step.does === 'lose');
  }

  /** Every second message is lost, but not what keeps a node alive. */
  #lose(node: LiveNode, isLossy: boolean): void {
    let count = 0;
    node.loss.isLost = (topic) => isLossy && topic !== 'beat' && count++ % 2 === 0;
  }

  #crash(played: Played): void {
    if (this.#nodes.length === 1) return;
    this.#nodes = this.#nodes.filter((other) => other !== played);
    for (const open of this.#open.filter(({ at }) => at === played))
      this.#open.splice(this.#open.indexOf(open), 1);
    played.node.crash();
  }

  async #wait(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      await this.#stage.advance(Math.min(500, left));
      this.#look();
    }
  }

  /** Checks that nobody sees anybody who is not a member. */
  #look(): void {
    for (const circle of circles) for (const played of this.#nodes) played.view(circle);
  }
}
