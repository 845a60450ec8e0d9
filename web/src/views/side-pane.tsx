import { IconButton } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Main } from './main-area.tsx';
import { Members } from './members.tsx';
import { Pins } from './pins.tsx';

/** Next to the conversation: the members or the pinned messages. */
export const SidePane = () => {
  const app = useApp();
  const chat = useChat();
  const route = app.navigation.route.value;
  if (route.at !== 'circle') return null;
  const room = chat.memberships.circles.value.get(route.circle);
  const stream = room?.stream(route.stream);
  const which = app.side.value;
  if (!room || !stream || (which === 'members' && room.isDirect)) return null;
  const Heading = app.isPhone.value ? 'h1' : 'h2';
  const title = which === 'pins' ? 'Pinned messages' : 'Members';
  const content = (
    <>
      <header class="side-head">
        <Heading>{title}</Heading>
        <IconButton
          icon="close"
          label={`Close ${title.toLowerCase()}`}
          onClick={() => {
            app.side.value = undefined;
          }}
        />
      </header>
      {which === 'pins' ? (
        <Pins key={stream.s} {...{ room, conversation: chat.conversation(stream.s) }} />
      ) : (
        <Members room={room} />
      )}
    </>
  );
  // On a phone it is the main area.
  if (app.isPhone.value) {
    return (
      <Main class="side" label={title}>
        {content}
      </Main>
    );
  }
  return (
    <aside class="side" aria-label={title}>
      {content}
    </aside>
  );
};
