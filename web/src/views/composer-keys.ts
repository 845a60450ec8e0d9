import { isComposing } from '../browser/keys.ts';
import type { Candidate } from '../state/completion.ts';
import type { Conversation } from '../state/conversation.ts';
import type { Mentions, Text } from './composer.tsx';
import { useApp, useChat } from './context.ts';

export type ComposerKeys = {
  readonly conversation: Conversation;
  readonly text: Text;
  readonly mention: Mentions;
  readonly complete: (person: Candidate) => void;
  readonly send: () => void;
};

/** The keys of the composer: send, choose a mention, edit the last message, cancel. */
export const useComposerKeys = (keys: ComposerKeys) => {
  const { isTouch } = useApp();
  const { me } = useChat();
  const { conversation, text, send } = keys;
  return (event: KeyboardEvent): void => {
    // During composition Enter and the arrows belong to the input method.
    if (isComposing(event) || inList(event, keys)) return;
    if (event.key === 'Escape') {
      cancelDraft(conversation);
    } else if (event.key === 'Enter' && sends(event, isTouch.value)) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && isPlain(event) && text.value === '') {
      if (editLast(conversation, me.id)) event.preventDefault();
    }
  };
};

/** Cancels the edit, else the reply. */
export const cancelDraft = ({ draft }: Conversation): void => {
  if (draft.editing.id.value !== undefined) draft.editing.cancel();
  else draft.replyTo.value = undefined;
};

/** On touch screens Enter inserts a line break, since there is no other way; with Ctrl or Cmd it always sends. */
const sends = (event: KeyboardEvent, isTouch: boolean): boolean =>
  isPlain(event) ? !isTouch : event.ctrlKey || event.metaKey;

const isPlain = (event: KeyboardEvent): boolean =>
  !(event.shiftKey || event.altKey || event.ctrlKey || event.metaKey);

/** Edits the user's last message; false if there is none, or an edit is open. */
const editLast = ({ draft, timeline }: Conversation, me: string): boolean => {
  const last = timeline.value.messages.findLast(({ by, deleted }) => by === me && !deleted);
  if (draft.editing.id.value !== undefined || !last) return false;
  draft.editing.start(last);
  return true;
};

/** Whether a key belongs to the list of people. */
const inList = (event: KeyboardEvent, keys: ComposerKeys): boolean => {
  if (keys.mention.people.length === 0 || !choosing(event.key, keys)) return false;
  event.preventDefault();
  return true;
};

const choosing = (key: string, { mention, complete }: ComposerKeys): boolean => {
  const { people, chosen, choose, dismiss } = mention;
  const person = people[chosen];
  switch (key) {
    case 'ArrowDown':
      choose((chosen + 1) % people.length);
      return true;
    case 'ArrowUp':
      choose((chosen + people.length - 1) % people.length);
      return true;
    case 'Enter':
    case 'Tab':
      if (person) complete(person);
      return true;
    case 'Escape':
      dismiss();
      return true;
    default:
      return false;
  }
};
