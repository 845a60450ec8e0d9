import type { Overlay } from '../state/overlay.ts';
import { CircleSettings } from './circle-settings.tsx';
import { useApp } from './context.ts';
import { CreateCircle } from './create-circle.tsx';
import type { CircleDialogProps } from './dialog.tsx';
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

type CircleOverlay = Exclude<Extract<Overlay, { circle: string }>, { is: 'person' }>;
type FreeOverlay = Exclude<Overlay, CircleOverlay>;

type FreeProps = { readonly overlay: FreeOverlay; readonly close: () => void };

const Free = ({ overlay, close }: FreeProps) => {
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

type OfCircleProps = CircleDialogProps & { readonly overlay: CircleOverlay };

const OfCircle = ({ overlay, room, close }: OfCircleProps) => {
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
