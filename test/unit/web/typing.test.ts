import { expect, it } from 'vitest';
import {
  current,
  nobodyTyping,
  typingLabel,
  withoutTyping,
  withTyping,
} from '../../../web/src/state/typing.ts';

it('a user is typing until an event or the timeout', () => {
  const typing = withTyping(withTyping(nobodyTyping, 'a', 100), 'b', 200);
  expect([...current(typing, 150).keys()]).toEqual(['b']);
  expect(current(typing, 50)).toBe(typing);
  expect([...withoutTyping(typing, 'a').keys()]).toEqual(['b']);
  expect(withoutTyping(typing, 'z')).toBe(typing);
  expect(typingLabel([])).toBe('');
  expect(typingLabel(['Ada', 'Ben'])).toBe('Ada and Ben are typing…');
});
