import { wholeList } from '../../../src/client/http.ts';
import type { Message } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { dayLabel } from '../state/labels.ts';
import { Avatar } from './avatar.tsx';
import { type ConversationProps, useApp, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { Loaded, useLoading } from './loaded.tsx';
import { Name } from './names.tsx';
import { RichText } from './rich-text.tsx';

/** The pinned messages of a stream, with links to them. */
export const Pins = ({ room, conversation }: ConversationProps) => {
  const { http, people } = useChat();
  const read = () =>
    wholeList(async (page) => {
      const part = await http.pins(conversation.s, { ...page, limit: 200 });
      people.learn(part.users);
      room.learnNicknames(part.users);
      return part;
    }, 'messages');
  const loading = useLoading(read, [conversation, conversation.pinsVersion.value]);
  return (
    <Loaded what="The pins" loading={loading}>
      {(pins) =>
        pins.length === 0 ? (
          <NoPins />
        ) : (
          <ol class="side-body pins">
            {pins.map((message) => (
              <Pin key={message.id} {...{ message, room, conversation }} />
            ))}
          </ol>
        )
      }
    </Loaded>
  );
};

const NoPins = () => (
  <div class="side-empty">
    <Icon name="pin" />
    <p>No pinned messages yet. The owner of the circle can pin messages.</p>
  </div>
);

type PinProps = ConversationProps & { readonly message: Message };

const Pin = ({ message, room, conversation }: PinProps) => {
  const app = useApp();
  void app.calendar.value;
  const name = room.nameOf(message.by);
  const go = (): void => {
    if (app.isPhone.value) app.side.value = undefined;
    void conversation.jumpTo(message.m);
  };
  return (
    <li class="pin">
      <p class="pin-head">
        <Avatar id={message.by} name={name} />
        <Name text={name} />
        <span class="quiet">{dayLabel(message.at, Date.now())}</span>
      </p>
      <RichText text={message.text ?? ''} mentions={message.mentions} room={room} />
      <button
        type="button"
        class="text-button"
        onClick={go}
        aria-label={`Go to message by ${isolate(name)}`}
      >
        Go to message
      </button>
    </li>
  );
};
