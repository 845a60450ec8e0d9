import { createGate, guardedBy } from '../../src/app/gate.ts';
import { problemOf } from '../../src/app/refusals.ts';
import { pageOf } from '../../src/app/views/messages.ts';
import { uuid7 } from '../../src/events/ids.ts';
import type { Device } from './device.ts';
import { Violation } from './ledger.ts';
import type { Node, Service } from './node.ts';
import type { Action } from './schedule.ts';
import type { Frame } from './wire.ts';
import type { World } from './world.ts';

const pageMax = 50;
const partRate = 0.3;
const clockMsMax = 240_000;

const picked = <T>(all: readonly T[], at: number): T => {
  const [one] = all.slice(Math.floor(at * all.length));
  if (one === undefined) throw new RangeError('nothing to choose from');
  return one;
};

type Acting = { readonly world: World; readonly device: Device; readonly s: string };
type Act = (acting: Acting, action: Action) => void;

const keyAt = ({ machine, outside }: World): string => uuid7(machine.wallClock(outside));

/** Whether a page holds a message, or must not: it was deleted, or the reader has left. */
const checkPage = (
  { world, s }: Pick<Acting, 'world' | 's'>,
  { user, id }: { readonly user: string; readonly id: string },
  messages: readonly { readonly id: string }[],
): void => {
  if (messages.some((message) => message.id === id)) return;
  const isNewest = world.ledger
    .messagesAt(s, world.ledger.lengthOf(s))
    .slice(-messages.length)
    .some((message) => message.id === id);
  if (isNewest || messages.length < pageMax)
    world.fail(new Violation('a page reflects what was answered before', `${user} ${s} ${id}`));
};

/** A command that is recognised by its key; if it is refused, it must not have been performed. */
const keyed = (
  { world, device }: Acting,
  { op, d }: { readonly op: string; readonly d: object },
  done?: () => void,
): void => {
  const key = keyAt(world);
  device.command(op, d, {
    key,
    done: (answer) => {
      if (answer.t === 'ok') done?.();
      else
        world.refused.push({
          what: `${op} ${key} ${answer.code}`,
          isPerformed: () => world.ledger.isKeyRecorded(key),
        });
    },
  });
};

const ownMessage = ({ world, device, s }: Acting, which: number): string | undefined => {
  const own = world.accepted.filter((post) => post.s === s && post.user === device.person.user);
  return own.length > 0 ? picked(own, (which * 7) % 1).id : undefined;
};

/** Posts over a node and reads over another one, with the position of the answer (W18). */
const cross: Act = ({ world, device, s }) => {
  const [first, second] = [world.someNode(), world.someNode()];
  if (!(first && second)) return;
  const { machine, network } = world;
  const { user, token } = device.person;
  const id = keyAt(world);
  const run = (node: Node, use: (service: Service) => Promise<void>): void => {
    machine.after(network.delay(), node.process, () => {
      if (!node.isUp) return;
      node.serving?.handle(use).catch((error) => {
        if (error instanceof Violation) world.fail(error);
        else if (problemOf(error).code === 'internal')
          world.fail(new Violation('there are no internal errors', String(error?.stack)));
      });
    });
  };
  run(first, async ({ sessions, executor }) => {
    const caller = await sessions.authenticate(token);
    if (!caller) throw new Violation('a session stays open', token);
    const input = { s, id, text: `${device.name} over HTTP` };
    const { body, position } = await executor.execute({ caller, op: 'post-message', input });
    world.ledger.checkPosted(s, body as { id: string; n: number; m: number });
    world.accepted.push({ user, s, id });
    if (!position) throw new Violation('an answer has a position', id);
    run(second, async ({ sessions: there, barrier, models, actors }) => {
      const reader = await there.authenticate(token);
      if (!reader) throw new Violation('a session stays open', token);
      await barrier.waitUntilApplied(position);
      await barrier.waitForSession(reader.seen);
      const turn = async (): Promise<void> => undefined;
      const read = () => pageOf({ models, turn }, { s, user }, { limit: pageMax });
      const page = await guardedBy(createGate(actors))(reader, s, read);
      checkPage({ world, s }, { user, id }, page.messages);
    });
  });
};

const acts: { readonly [Kind in Action['kind']]: Act } = {
  post(acting) {
    const { world, device, s } = acting;
    const { user } = device.person;
    const id = keyAt(world);
    const done = (answer: Frame): void => {
      if (answer.t === 'err') {
        world.refused.push({
          what: `post ${id} ${answer.code}`,
          isPerformed: () => world.ledger.isRecorded(id),
        });
        return;
      }
      world.ledger.checkPosted(s, answer.d as { id: string; n: number; m: number });
      world.accepted.push({ user, s, id });
      const { wire } = device;
      device.look(s, (page) => {
        // On another connection, perhaps to another node, less is promised.
        if (page.t === 'ok' && device.wire === wire)
          checkPage(acting, { user, id }, (page.d as { messages: [] }).messages);
      });
    };
    device.command('post-message', { s, id, text: `${device.name} ${id.slice(-4)}` }, { done });
  },
  edit(acting, { which }) {
    const id = ownMessage(acting, which);
    if (id) keyed(acting, { op: 'edit-message', d: { s: acting.s, id, text: `edited ${which}` } });
  },
  delete(acting, { which }) {
    const id = ownMessage(acting, which);
    if (id) keyed(acting, { op: 'delete-message', d: { s: acting.s, id } });
  },
  react(acting, { which }) {
    const id = ownMessage(acting, which);
    if (id)
      keyed(acting, { op: 'react', d: { s: acting.s, id, emoji: which > 0.5 ? '👍' : '🎉' } });
  },
  leave(acting) {
    const circle = acting.s.split('/', 1).join();
    keyed(acting, { op: 'leave-circle', d: { circle } });
  },
  join(acting) {
    const circle = acting.s.split('/', 1).join();
    const { world, device } = acting;
    keyed(acting, { op: 'join-circle', d: { circle } }, () => {
      for (const each of world.devices) {
        if (each.person === device.person) each.subscribe(acting.s);
      }
    });
  },
  cross,

  kill({ world }, { who, which }) {
    const node = picked(world.nodes, who);
    // Perhaps the users of the node do not come back, and the other nodes have to notice by themselves.
    if (which < partRate)
      for (const device of world.devices) if (device.node === node) device.part();
    node.kill();
  },
  part: ({ device }) => device.part(),
  pause({ world }, { who, ms }) {
    world.machine.pause(picked(world.nodes, who).process, ms);
  },
  'cut-nats'({ world }, { who, ms }) {
    const { links } = picked(world.nodes, who);
    links.nats.isCut = true;
    later(world, ms, () => {
      links.nats.isCut = false;
    });
  },
  'cut-mongodb'({ world }, { who, which, ms }) {
    const cut = which > 0.5 ? world.nodes : [picked(world.nodes, who)];
    for (const { links } of cut) links.mongodb.isCut = true;
    later(world, ms, () => {
      for (const { links } of cut) links.mongodb.isCut = false;
    });
  },
  drain({ world }, { who }) {
    picked(world.nodes, who).drain();
  },
  clock({ world }, { who, which }) {
    picked(world.nodes, who).process.wallAhead = Math.round((which - 0.5) * 2 * clockMsMax);
  },
  storm({ world }, { which, ms }) {
    const { network } = world;
    const before = network.weather;
    if (before.losses > 0) return;
    network.weather = { failures: which * 0.2, losses: which * 0.3, delays: 0.3 };
    later(world, ms, () => {
      if (!world.isCalm) network.weather = before;
    });
  },
  lose({ device }) {
    device.wire?.lose();
  },
  silence({ device, world }, { ms }) {
    const { wire } = device;
    if (!wire) return;
    wire.silence();
    later(world, ms, () => wire.lose());
  },
  slow({ device, world }, { ms }) {
    const { wire } = device;
    wire?.setReading(false);
    later(world, ms, () => wire?.setReading(true));
  },
};

const later = ({ machine, outside }: World, ms: number, run: () => void): void =>
  void machine.after(ms, outside, run);

/** Performs an action of a schedule. */
export const act = (world: World, action: Action): void => {
  const device = picked(world.devices, action.who);
  const circle = picked(world.past.circles, action.which);
  acts[action.kind]({ world, device, s: `${circle}/${circle}` }, action);
};
