import { useComputed } from '@preact/signals';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';
import { counted } from '../state/labels.ts';
import { hasNewer } from '../state/timeline.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';

/** Shown above the first message of a stream. */
export const Beginning = ({ room, name }: { readonly room: CircleRoom; readonly name: string }) => {
  const { with: other, name: circle } = room.entry.value;
  return (
    <div class="stream-start">
      {other ? (
        <Avatar id={other.id} name={name} />
      ) : (
        <Avatar id={room.id} name={circle} isSquare />
      )}
      <h2>{other ? isolate(name) : `Welcome to ${isolate(name)}`}</h2>
      <p class="quiet">
        {other
          ? `This is the beginning of your direct messages with ${isolate(name)}.`
          : `This is the beginning of ${isolate(name)} in ${isolate(circle)}.`}
      </p>
    </div>
  );
};

/** Jumps to the first unread message, if it is above the loaded range. */
export const UnreadAbove = ({ conversation }: { readonly conversation: Conversation }) => {
  const above = useComputed(() => {
    const { divider, timeline } = conversation;
    const first = timeline.value.messages[0]?.m ?? 0;
    return divider.value !== undefined && divider.value + 1 < first ? divider.value : undefined;
  }).value;
  if (above === undefined) return null;
  const count = conversation.timeline.value.stream.last - above;
  return (
    <button type="button" class="pill above" onClick={() => void conversation.jumpTo(above + 1)}>
      {counted(count, 'new message')} <span class="pill-action">Jump to the first</span>
    </button>
  );
};

/** Jumps to the newest message, with the number of new ones below. */
export const UnreadBelow = ({ conversation }: { readonly conversation: Conversation }) => {
  const { isAtBottom, timeline } = conversation;
  const isAway = useComputed(() => !isAtBottom.value || hasNewer(timeline.value)).value;
  if (!isAway) return null;
  const { stream, read } = timeline.value;
  const count = stream.last - read;
  return (
    <button type="button" class="pill below" onClick={() => void conversation.jumpToNewest()}>
      <Icon name="down" />
      {count > 0 ? counted(count, 'new message') : 'Jump to newest'}
    </button>
  );
};
