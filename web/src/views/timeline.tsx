import { useComputed, useSignalEffect } from '@preact/signals';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import { anchorOf, place } from '../browser/placing.ts';
import type { Conversation } from '../state/conversation.ts';
import { dayLabel } from '../state/labels.ts';
import { followsOwn, type Row, rowsOf } from '../state/rows.ts';
import {
  isAtBottomAfter,
  nearEnds,
  type Placement,
  placementAfter,
  type Scroll,
} from '../state/scrolling.ts';
import { hasNewer, hasOlder } from '../state/timeline.ts';
import { type ConversationProps, useApp, useChat } from './context.ts';
import { Failure } from './loaded.tsx';
import { MessageItem } from './message.tsx';
import { OutgoingItem } from './outgoing.tsx';
import { moveFocus } from './roving.ts';
import { Beginning, UnreadAbove, UnreadBelow } from './timeline-ends.tsx';

export type TimelineProps = ConversationProps & { readonly name: string };

/** The messages of a conversation. The visible rows do not move by themselves, except at the bottom. */
export const Timeline = ({ room, conversation, name }: TimelineProps) => {
  const { timeline, divider, outbox, state, following } = conversation;
  const { calendar } = useApp();
  const rows = useComputed(() => {
    void calendar.value;
    return rowsOf(timeline.value.messages, divider.value);
  }).value;
  const { me } = useChat();
  const { scroller, onScroll } = useScrolling(conversation);
  useMarkRead(conversation);
  if (state.value === 'loading') {
    const problem = following.problem.value;
    if (problem === '') return <Skeleton />;
    return (
      <div class="timeline-box">
        <Failure {...{ what: 'The messages', problem, retry: () => following.retry() }} />
      </div>
    );
  }
  return (
    <div class="timeline-box">
      <UnreadAbove conversation={conversation} />
      <section
        class="timeline"
        aria-label={`Messages in ${isolate(name)}`}
        ref={scroller}
        onScroll={onScroll}
      >
        {!hasOlder(timeline.value) && <Beginning {...{ room, name }} />}
        <LoadError end="older" conversation={conversation} />
        <ol class="messages" onKeyDown={(event) => moveFocus(event)}>
          {rows.map((row) => (
            <TimelineRow key={row.key} {...{ row, room, conversation }} />
          ))}
          {!hasNewer(timeline.value) &&
            outbox.value.map((message, index) => {
              const above = outbox.value[index - 1] ?? timeline.value.messages.at(-1);
              const isFollowing = followsOwn(above, message, me.id);
              return (
                <OutgoingItem key={message.id} {...{ message, isFollowing, room, conversation }} />
              );
            })}
        </ol>
        <LoadError end="newer" conversation={conversation} />
      </section>
      <UnreadBelow conversation={conversation} />
    </div>
  );
};

type LoadErrorProps = Pick<TimelineProps, 'conversation'> & { readonly end: 'older' | 'newer' };

const LoadError = ({ end, conversation }: LoadErrorProps) => {
  const error = conversation.loadError.value;
  if (error?.end !== end) return null;
  const what = end === 'older' ? 'Earlier messages' : 'Later messages';
  const retry = (): void => void conversation.retryLoading();
  return <Failure {...{ what, problem: error.problem, retry }} />;
};

type RowProps = ConversationProps & { readonly row: Row };

const TimelineRow = ({ row, room, conversation }: RowProps) => {
  void useApp().calendar.value;
  switch (row.kind) {
    case 'day':
      return (
        <li class="day-line">
          <span>{dayLabel(row.at, Date.now())}</span>
        </li>
      );
    case 'new':
      return (
        <li class="new-line" data-key="new">
          <span>New</span>
        </li>
      );
    case 'message':
      return (
        <MessageItem
          {...{ message: row.message, isFollowing: row.isFollowing, room, conversation }}
        />
      );
  }
};

/** Keeps the scroll position across changes of the rows, and loads more near the ends. */
const useScrolling = (conversation: Conversation) => {
  const scroller = useRef<HTMLElement>(null);
  const jumped = useRef<number | undefined>(undefined);
  const seen = useRef<Scroll | undefined>(undefined);
  const { isAtBottom: isBottom, timeline, jump, outbox, divider } = conversation;
  // Positions can only be measured before the rows change.
  const before = scroller.current
    ? placementAfter(isBottom.peek(), anchorOf(scroller.current))
    : undefined;

  const look = useCallback(() => {
    const area = scroller.current;
    if (!area) return;
    const { scrollTop, clientHeight, scrollHeight } = area;
    const now = { scrollTop, clientHeight, scrollHeight };
    isBottom.value = isAtBottomAfter(isBottom.peek(), seen.current, now);
    seen.current = now;
    conversation.placement = placementAfter(isBottom.value, anchorOf(area));
    const { older, newer } = nearEnds(area);
    if (older) void conversation.loadMore('older');
    else if (newer) void conversation.loadMore('newer');
  }, [conversation]);

  useLayoutEffect(() => {
    const area = scroller.current;
    if (!area) return;
    const request = jump.peek();
    const isFirst = jumped.current === undefined;
    const isRequested = request !== undefined && request.key !== jumped.current;
    jumped.current = request?.key ?? 0;
    if (isFirst) place(area, firstPlacement(conversation));
    else place(area, isRequested ? placementOf(request.to) : before);
    look();
  });
  useBottom(conversation, scroller);
  // Read here, so that the view re-renders when one of them changes.
  void [timeline.value, jump.value, outbox.value, divider.value];
  return { scroller, onScroll: look };
};

const placementOf = (to: number | 'bottom' | 'divider'): Placement =>
  typeof to === 'number' ? { to: 'message', m: to } : { to };

/** The previous position; or at the first visit the divider, if there are new messages. */
const firstPlacement = ({ divider, placement, jump }: Conversation): Placement => {
  if (placement && divider.peek() === undefined) return placement;
  return placement ? { to: 'divider' } : placementOf(jump.peek()?.to ?? 'bottom');
};

/** Stays at the bottom when the area is resized, as by an on-screen keyboard. */
const useBottom = (
  { isAtBottom: isBottom, state }: Conversation,
  scroller: { readonly current: HTMLElement | null },
): void => {
  const isReady = state.value !== 'loading';
  useEffect(() => {
    const area = scroller.current;
    if (!area) return;
    const observer = new ResizeObserver(() => {
      if (isBottom.peek()) place(area, { to: 'bottom' });
    });
    observer.observe(area);
    return () => observer.disconnect();
  }, [isReady]);
};

/** Marks visible messages at the bottom as read. */
const useMarkRead = (conversation: Conversation): void => {
  const chat = useChat();
  const { isFocused } = useApp().attention;
  useSignalEffect(() => {
    const { timeline, isAtBottom: isBottom, isShown, state } = conversation;
    const isEnd = isBottom.value && !hasNewer(timeline.value);
    if (state.value === 'ready' && isFocused.value && isShown.value && isEnd)
      chat.markRead(conversation);
  });
};

const Skeleton = () => (
  <div class="timeline-box skeleton" role="status" aria-label="Loading messages">
    {['72%', '40%', '60%', '30%', '60%'].map((width, index) => (
      <div key={index} class="skeleton-line" style={{ width }} />
    ))}
  </div>
);
