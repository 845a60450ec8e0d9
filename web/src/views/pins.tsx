import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { every } from '../../../src/client/http.ts';
import type { Message } from '../../../src/client/objects.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import type { Conversation } from '../state/conversation.ts';
import { dayLabel } from '../state/labels.ts';
import { Avatar } from './avatar.tsx';
import { useApp, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { RichText } from './rich-text.tsx';

export type PinsProps = { readonly room: CircleRoom; readonly conversation: Conversation };

/** What is pinned in a stream; a click leads there. */
export const Pins = ({ room, conversation }: PinsProps) => {
  const { http, people } = useChat();
  const pins = useSignal<readonly Message[] | undefined>(undefined);
  const version = conversation.pinsVersion.value;
  useEffect(() => {
    let isOver = false;
    const read = async (): Promise<void> => {
      const found: Message[] = [];
      const pages = every(async (page) => {
        const part = await http.pins(conversation.s, { ...page, limit: 200 });
        people.learn(part.users);
        room.learnNicknames(part.users);
        return part;
      }, 'messages');
      for await (const message of pages) found.push(message);
      if (!isOver) pins.value = found;
    };
    read().catch(() => {
      pins.value ??= [];
    });
    return () => {
      isOver = true;
    };
  }, [conversation, version]);
  if (!pins.value) return <span class="spinner" role="status" aria-label="Loading pins" />;
  if (pins.value.length === 0) {
    return (
      <div class="side-empty">
        <Icon name="pin" />
        <p>
          Nothing is pinned yet. Whoever looks after this stream can pin what should be found again.
        </p>
      </div>
    );
  }
  return (
    <ol class="side-body pins">
      {pins.value.map((message) => (
        <Pin key={message.id} {...{ message, room, conversation }} />
      ))}
    </ol>
  );
};

const Pin = ({ message, room, conversation }: PinsProps & { readonly message: Message }) => {
  const app = useApp();
  const name = room.nameOf(message.by);
  const go = (): void => {
    if (app.isPhone.value) app.side.value = undefined;
    void conversation.jumpTo(message.m);
  };
  return (
    <li class="pin">
      <p class="pin-head">
        <Avatar id={message.by} name={name} />
        <strong>{name}</strong>
        <span class="quiet">{dayLabel(message.at, Date.now())}</span>
      </p>
      <RichText text={message.text ?? ''} mentions={message.mentions} room={room} />
      <button
        type="button"
        class="text-button"
        onClick={go}
        aria-label={`Go there, to the message of ${name}`}
      >
        Go there
      </button>
    </li>
  );
};
