import { expect, test } from 'vitest';
import { streamRules } from '../../../../src/actors/stream/rules.ts';
import { Writer } from '../../../../src/actors/writer.ts';
import { streamAggregate } from '../../../../src/events/aggregate.ts';
import { commitBytesMax } from '../../../../src/events/commit.ts';
import type { StreamId, UserId } from '../../../../src/events/ids.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memorySnapshots } from '../../../support/checkers/tally.ts';
import { by, circle, circleOf, founded } from '../../../support/fixtures/circle-past.ts';
import { readAll } from '../../../support/fixtures/log-fixtures.ts';
import { numbered, stamped } from '../../../support/generators/chatter.ts';

const messages = 400;
const mentioned = Array.from({ length: 50 }, (_, index) => numbered(1000 + index));

test('what events hold that no command did is reckoned: hundreds of deletions at once fit into commits', async () => {
  const log = memoryLog();
  const aggregate = streamAggregate(circle, circle as string as StreamId);
  const author = stamped('stream-opened', {}).by as UserId;
  log.record(aggregate, [stamped('stream-opened', {})]);
  for (let m = 1; m <= messages; m++) {
    const d = { id: numbered(m), m, text: 'hello', mentions: mentioned };
    log.record(aggregate, [stamped('message-posted', d)]);
  }
  const world = circleOf([...founded('public'), { k: 'member-joined', v: 1, d: { user: author } }]);
  const writer = new Writer({
    ...{ aggregate, log, rules: streamRules },
    ...{ snapshots: memorySnapshots(), world: () => world },
  });
  const asked = Array.from({ length: messages }, (_, index) =>
    writer.ask({
      ...by(author),
      ...{ circle, stream: circle, op: 'delete-message', id: numbered(index + 1) },
    }),
  );
  for (const outcome of await Promise.all(asked)) expect(outcome).not.toHaveProperty('refused');
  const sizes = (await readAll(log, aggregate)).map(({ size }) => size);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(commitBytesMax);
  expect(messages * mentioned.length * numbered(1).length).toBeGreaterThan(commitBytesMax);
});
