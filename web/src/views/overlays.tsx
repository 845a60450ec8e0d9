import type { CircleRoom } from '../state/circle-room.ts';
import type { Overlay } from '../state/overlay.ts';
import { CircleSettings } from './circle-settings.tsx';
import { useApp } from './context.ts';
import { CreateCircle } from './create-circle.tsx';
import { Edits } from './edits.tsx';
import { Invites } from './invites.tsx';
import { JoinByLink } from './join-by-link.tsx';
import { NewDirect } from './new-direct.tsx';
import { Nickname } from './nickname.tsx';
import { PersonCard } from './person.tsx';
import { QuestionDialog } from './question.tsx';
import { CreateStream, StreamSettings } from './stream-settings.tsx';
import { Switcher } from './switcher.tsx';

/** The open overlay. */
export const Overlays = () => {
  const app = useApp();
  const overlay = app.overlay.value;
  const chat = app.chat.value;
  if (!overlay || !chat) return null;
  const close = (): void => {
    if (app.overlay.value === overlay) app.overlay.value = undefined;
  };
  if (!('circle' in overlay) || overlay.is === 'person') return <Free {...{ overlay, close }} />;
  const room = chat.memberships.circles.value.get(overlay.circle);
  return room ? <OfCircle {...{ overlay, room, close }} /> : null;
};

type Close = { readonly close: () => void };
type CircleOverlay = Exclude<Extract<Overlay, { circle: string }>, { is: 'person' }>;
type FreeOverlay = Exclude<Overlay, CircleOverlay>;

const Free = ({ overlay, close }: Close & { readonly overlay: FreeOverlay }) => {
  switch (overlay.is) {
    case 'switcher':
      return <Switcher close={close} />;
    case 'create-circle':
      return <CreateCircle close={close} />;
    case 'join-by-link':
      return <JoinByLink close={close} />;
    case 'new-direct':
      return <NewDirect close={close} />;
    case 'person':
      return <PersonCard key={overlay.user} {...{ ...overlay, close }} />;
    case 'edits':
      return <Edits {...{ ...overlay, close }} />;
    case 'question':
      return <QuestionDialog {...{ question: overlay, close }} />;
  }
};

const OfCircle = ({
  overlay,
  room,
  close,
}: Close & { readonly overlay: CircleOverlay; readonly room: CircleRoom }) => {
  switch (overlay.is) {
    case 'circle-settings':
      return <CircleSettings {...{ room, close }} />;
    case 'invites':
      return <Invites {...{ room, close }} />;
    case 'nickname':
      return <Nickname {...{ room, close }} />;
    case 'create-stream':
      return <CreateStream {...{ room, close }} />;
    case 'stream-settings':
      return <StreamSettings {...{ room, stream: overlay.stream, close }} />;
  }
};
