/** A change of a file. */
export type Edit = {
  readonly file: string;
  /** Stands in the file once. */
  readonly right: string;
  readonly wrong: string;
};

/** A mistake that can be planted in the source, which the simulation must find. */
export type Planted = Edit & {
  readonly name: string;
  /** Without which the mistake has no chance to matter. */
  readonly also?: Edit;
  /** Within 500 schedules from this one on a promise is broken. */
  readonly seed: number;
};

/** Mistakes of the kinds that a distributed system makes; none of them is in the source. */
export const planted: readonly Planted[] = [
  {
    name: 'a command is answered before its events are durable',
    seed: 1,
    file: 'src/actors/writer.ts',
    right: 'const failure = events.length > 0 ? await this.#append(events) : undefined;',
    wrong: `const now = { partition: this.#partition, seq: this.#tail.seq };
    const isEarly = events.every(({ k }) => k === 'message-posted');
    for (const { pending, outcome } of isEarly ? decided : [])
      pending.answer(isRefusal(outcome) ? outcome : { ...outcome, position: now });
    const failure = events.length > 0 ? await this.#append(events) : undefined;`,
  },
  {
    name: 'a conflict with another writer is rebased silently',
    seed: 7,
    file: 'src/actors/writer.ts',
    right: 'this.#tail = await appendSettled(log, { aggregate, commit, after }, settling);',
    wrong: `this.#tail = await log.append(aggregate, commit, after).catch(async (error) => {
        if (error.reason !== 'conflict') throw error;
        const tail = await log.tail(aggregate);
        return log.append(aggregate, { ...commit, n: tail.n + 1, prev: tail.hash }, tail);
      });`,
    also: {
      file: 'src/nodes/placement.ts',
      right:
        'return connectedSince === undefined ? isAlone : this.#record.readAt >= connectedSince;',
      wrong: 'return true;',
    },
  },
  {
    name: 'an append without an answer counts as done',
    seed: 26,
    file: 'src/actors/settle.ts',
    right: 'isUnknown ? await settle(log, unsettled, options) : undefined;',
    wrong: "isUnknown ? { n: lastOf(commit), hash: '', seq: after.seq } : undefined;",
  },
  {
    name: 'a writer keeps its state after a failed append',
    seed: 47,
    file: 'src/actors/writer.ts',
    right:
      'this.#state = undefined;\n    this.#tail = emptyTail;\n    const { aggregate, onFault }',
    wrong: 'const { aggregate, onFault }',
  },
  {
    name: 'the key of a command is not remembered',
    seed: 104,
    file: 'src/actors/writer.ts',
    right: 'if (cmd !== undefined && sum !== undefined) this.#keys.set(',
    wrong: "if (cmd === '' && sum !== undefined) this.#keys.set(",
  },
  {
    name: 'a repeated post is refused after its author has left',
    seed: 226,
    file: 'src/actors/stream/decider.ts',
    right: 'if (repeated) return repeated;\n  if (access.refusal) return refuse(access.refusal);',
    wrong: 'if (access.refusal) return refuse(access.refusal);\n  if (repeated) return repeated;',
  },
  {
    name: 'a subscription resumes one event too late',
    seed: 6,
    file: 'src/hub/topic.ts',
    right: "this.#start(subscription, { name: 'behind', cursor, announce: true, end });",
    wrong:
      "this.#start(subscription, { name: 'behind', cursor: cursor + 1, announce: true, end });",
  },
  {
    name: 'events are lost while a subscription opens',
    seed: 18,
    file: 'src/hub/hub.ts',
    right: 'for (const recorded of early) this.#forward(topic, recorded);',
    wrong: 'early.length = 0;',
  },
  {
    name: 'subscriptions of those who leave continue',
    seed: 5,
    file: 'src/hub/hub.ts',
    right: 'if (change) for (const each of watched) this.#end(each, change);',
    wrong: '',
  },
  {
    name: 'pages are read before the models are up to date',
    seed: 11,
    file: 'src/app/read-barrier.ts',
    right: 'if (this.applied(position.partition) >= position.seq) return;',
    wrong: 'if (position.seq >= 0) return;',
  },
  {
    name: 'a batch that is applied again counts twice',
    seed: 363,
    file: 'src/store/fold.ts',
    right: 'if (write.place <= previous) continue;',
    wrong: '',
  },
  {
    name: 'the progress of reactions is saved before they have run',
    seed: 45,
    file: 'src/actors/reactions/reactor.ts',
    right: 'await reactTo(reaction, causes);\n      seq = batch.at(-1)?.seq ?? seq;',
    wrong:
      'seq = batch.at(-1)?.seq ?? seq;\n      await save();\n      await reactTo(reaction, causes);',
  },
  {
    name: 'nobody takes over the partitions of a node that has died',
    seed: 4,
    file: 'src/nodes/placement.ts',
    right: 'const isFree = owner === null || peers.isDead(owner, nodes[owner]);',
    wrong: 'const isFree = owner === null && nodes !== undefined && peers !== undefined;',
  },
  {
    name: 'the users of a node that has died stay online',
    seed: 51,
    file: 'src/nodes/node-copy.ts',
    right: 'this.isCurrent = false;\n    this.#removeIf(() => true);',
    wrong: 'this.isCurrent = false;',
  },
];
