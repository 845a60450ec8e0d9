import { useEffect } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import { current, typingLabel } from '../state/typing.ts';
import type { ConversationProps } from './context.ts';

/** The typing users. */
export const TypingLine = ({ room, conversation }: ConversationProps) => {
  const { typing } = conversation;
  const people = typing.value;
  useEffect(() => {
    if (people.size === 0) return;
    const until = Math.min(...people.values());
    const timer = setTimeout(
      () => {
        typing.value = current(typing.value, Date.now());
      },
      Math.max(0, until - Date.now()) + 20,
    );
    return () => clearTimeout(timer);
  }, [people]);
  const label = typingLabel([...people.keys()].map((id) => isolate(room.nameOf(id))));
  return (
    <p class="typing" role="status" aria-label="Who is typing">
      {label && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {label}
        </>
      )}
    </p>
  );
};
