import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { oneLine } from '../state/rich-text.ts';
import { useChat } from './context.ts';

/** Announces new messages of the visible stream to screen readers. */
export const LiveRegion = ({ room, s }: { readonly room: CircleRoom; readonly s: string }) => {
  const message = useChat().announced.value;
  return (
    <div class="visually-hidden" role="log" aria-live="polite" aria-label="New messages">
      {message?.s === s && (
        <p
          key={message.id}
        >{`${isolate(room.nameOf(message.by))}: ${oneLine(message.text ?? '')}`}</p>
      )}
    </div>
  );
};
