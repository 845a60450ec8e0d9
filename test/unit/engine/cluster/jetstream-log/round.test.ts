import { errors } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import type { Entry } from '../../../../../src/engine/cluster/jetstream-log/entry.ts';
import type { Link } from '../../../../../src/engine/cluster/jetstream-log/link.ts';
import { LinkLost } from '../../../../../src/engine/cluster/jetstream-log/link.ts';
import { Round } from '../../../../../src/engine/cluster/jetstream-log/round.ts';
import type { Aggregate } from '../../../../../src/events/aggregate.ts';
import { encode } from '../../../../../src/events/codec.ts';
import { emptyTail } from '../../../../../src/events/log.ts';
import { commitAfter } from '../../../../support/fixtures/log-fixtures.ts';

/** One answer of the server to one sending of a commit; `silent`: none comes, though the connection holds. */
type Answer = 'store' | 'lost' | 'lost-but-stored' | 'silent' | number;

/** A server that knows no batches and answers each sending of `<aggregate>` as the script says. */
const scripted = (script: Record<string, Answer[]>) => {
  const stored: string[] = [];
  const messages = new Map<string, { seq: number; data: string }>();
  const sent: string[] = [];
  const store = (subject: string, bytes: Uint8Array): number => {
    stored.push(subject);
    messages.set(subject, { seq: stored.length, data: Buffer.from(bytes).toString('base64') });
    return stored.length;
  };
  const reply = (value: object) => {
    const text = JSON.stringify(value);
    return { data: Buffer.from(text), json: () => JSON.parse(text) };
  };
  const request = async (subject: string, body: Uint8Array | string) => {
    if (subject.startsWith('$JS.API.STREAM.MSG.GET')) {
      const message = messages.get(JSON.parse(String(body)).next_by_subj);
      return reply(message ? { message: { subject, ...message } } : { error: { err_code: 10037 } });
    }
    sent.push(subject);
    const answer = script[subject]?.shift() ?? 'store';
    if (answer === 'lost') throw new LinkLost('cut');
    if (answer === 'silent') throw new errors.TimeoutError();
    if (typeof answer === 'number') return reply({ error: { err_code: answer } });
    const seq = store(subject, body as Uint8Array);
    if (answer === 'lost-but-stored') throw new LinkLost('cut');
    return reply({ seq });
  };
  const link = {
    ...{ up: true, nc: { request, info: { version: '2.10.0' } } },
    untilLost: (promise: Promise<unknown>) => promise,
    regained: async () => true,
  } as unknown as Link;
  return { link, stored, sent };
};

const run = async (script: Record<string, Answer[]>) => {
  const { link, stored, sent } = scripted(script);
  const outcomes: Record<string, string | number> = {};
  const entries = Object.keys(script).map((name): Entry => {
    const commit = commitAfter(emptyTail);
    return {
      ...{ aggregate: name as Aggregate, commit, subject: name, bytes: encode(commit) },
      after: emptyTail,
      stored: (seq) => {
        outcomes[name] = seq;
      },
      failed: ({ reason }) => {
        outcomes[name] = reason;
      },
    };
  });
  const partition = { stream: 'S', subjects: '', live: '' };
  const options = { link, partition, answerMsMax: 1_000, regainMsMax: 1_000 };
  const { isStalled } = await new Round(options, entries).run(true);
  return { outcomes, stored, sent, isStalled };
};

test('what was lost and is not there is sent again, in order', async () => {
  const { outcomes, stored, sent } = await run({ a: ['store'], b: ['lost'], c: ['lost'] });
  expect(outcomes).toEqual({ a: 1, b: 2, c: 3 });
  expect(stored).toEqual(['a', 'b', 'c']);
  expect(sent).toEqual(['a', 'b', 'c', 'b', 'c']);
});

test('what was lost is not sent again behind a later commit: its outcome is unknown', async () => {
  const { outcomes, stored } = await run({
    ...{ a: ['lost'], b: ['lost-but-stored'], c: ['lost'] },
  });
  expect(outcomes).toEqual({ a: 'unknown', b: 1, c: 2 });
  expect(stored).toEqual(['b', 'c']);
});

test('what conflicts with its own earlier sending is stored', async () => {
  const { outcomes, sent } = await run({ a: ['lost-but-stored'] });
  expect(outcomes).toEqual({ a: 1 });
  expect(sent).toEqual(['a']);
});

test('a commit that is still on its way into the log is no conflict with itself', async () => {
  const { outcomes } = await run({ a: ['lost', 10164, 'store'] });
  expect(outcomes).toEqual({ a: 1 });
});

test('a conflict at the first sending is one, and harms nobody else', async () => {
  const { outcomes } = await run({ a: ['store'], b: [10071], c: ['store'] });
  expect(outcomes).toEqual({ a: 1, b: 'conflict', c: 2 });
});

test('full is said of what is not stored; after a lost sending nobody can tell', async () => {
  const { outcomes } = await run({ a: [10077], b: ['lost', 10077], c: ['lost', 10071] });
  expect(outcomes).toEqual({ a: 'full', b: 'unknown', c: 'conflict' });
});

test('a server that twice says nothing and has stored nothing is stalled; the outcome is unknown', async () => {
  const { outcomes, sent, isStalled } = await run({ a: ['silent', 'silent', 'store'] });
  expect(outcomes).toEqual({ a: 'unknown' });
  expect(sent).toHaveLength(2);
  expect(isStalled).toBe(true);
});

test('a server that answers one of several is not stalled, nor one to which the connection breaks', async () => {
  const broken = await run({ a: ['lost', 'lost', 'lost', 'lost', 'store'] });
  expect(broken).toMatchObject({ outcomes: { a: 'unknown' }, isStalled: false });
  expect(broken.sent).toHaveLength(4);
  const { outcomes, isStalled } = await run({
    ...{ a: ['silent', 'silent', 'store'], b: ['silent', 'store'] },
  });
  expect(outcomes).toEqual({ a: 'unknown', b: 1 });
  expect(isStalled).toBe(false);
});
