import { describe, expect, it } from 'vitest';
import * as outbox from '../../../web/src/state/outbox.ts';

const message = { id: 'a', text: 'Hello', at: 5 };
const begun = outbox.sending([], message);

describe('an outgoing message', () => {
  it('is removed when the stream contains its id, before or after the answer', () => {
    expect(outbox.settled(begun, new Set(['a']), 7)).toEqual([]);
    const answered = outbox.sent(begun, 'a', 7);
    expect(outbox.settled(answered, new Set(['a']), 7)).toEqual([]);
  });

  it('stays until it is received: lower numbers may be of others', () => {
    expect(outbox.settled(begun, new Set(['b']), 100)).toBe(begun);
    const answered = outbox.sent(begun, 'a', 7);
    expect(outbox.settled(answered, new Set(['b']), 6)).toBe(answered);
  });

  it('is removed when the stream has passed its number, as while another range is loaded', () => {
    expect(outbox.settled(outbox.sent(begun, 'a', 7), new Set(), 9)).toEqual([]);
  });

  it('is retried in place with the same id, so it is never posted twice [W8]', () => {
    const two = outbox.sending(begun, { id: 'b', text: 'again', at: 6 });
    const failed = outbox.failed(two, 'a', 'The server cannot be reached.');
    expect(failed[0]).toMatchObject({ state: 'failed', reason: 'The server cannot be reached.' });
    const [first, second] = failed;
    const again = outbox.sending(failed, first as outbox.Outgoing);
    expect(again).toEqual([{ ...message, state: 'sending' }, second]);
  });

  it('can be discarded', () => {
    expect(outbox.discarded(outbox.failed(begun, 'a', ''), 'a')).toEqual([]);
  });
});
