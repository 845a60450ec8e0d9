import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import { type Candidate, completed, completions, mentionAt } from '../state/completion.ts';
import type { Conversation } from '../state/conversation.ts';
import { withoutMargins } from '../state/rich-text.ts';
import { IconButton } from './button.tsx';
import { CompletionList, completionId } from './completion-list.tsx';
import { ComposerBar } from './composer-bar.tsx';
import { useComposerKeys } from './composer-keys.ts';
import { type ConversationProps, useApp, useChat } from './context.ts';
import { EmojiButton } from './emoji-picker.tsx';

export type ComposerProps = ConversationProps & { readonly name: string };

/** The input for new messages and edits. */
export const Composer = ({ room, conversation, name }: ComposerProps) => {
  const input = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const { editing, replyTo } = conversation.draft;
  const text = useText(conversation);
  const mention = useMentions({ room, conversation, text: text.value, caret });
  const send = useSend(conversation, text);
  useGrowth(input, text.value);
  useTypingAnywhere(input);
  useFocus(input, conversation);

  const write = (value: string, at: number): void => {
    text.set(value);
    setCaret(at);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
    input.current?.focus();
  };
  const complete = (person: Candidate): void => {
    if (!mention.typed) return;
    const after = completed(text.value, mention.typed, person.username);
    write(after.text, after.caret);
  };
  const insert = (sign: string): void => {
    const at = input.current?.selectionStart ?? text.value.length;
    write(text.value.slice(0, at) + sign + text.value.slice(at), at + sign.length);
  };
  const onKeyDown = useComposerKeys({ conversation, text, mention, complete, send });
  const isEditing = editing.id.value !== undefined;
  return (
    <div class="composer">
      {mention.people.length > 0 && <CompletionList {...{ mention, complete }} />}
      {(isEditing || replyTo.value) && <ComposerBar {...{ conversation, room }} />}
      <div class="composer-row">
        <textarea
          ref={input}
          dir="auto"
          rows={1}
          aria-label={isEditing ? 'Edit your message' : `Message ${isolate(name)}`}
          placeholder={`Message ${isolate(name)}`}
          {...listAttributes(mention)}
          value={text.value}
          readOnly={editing.isSaving.value}
          onInput={(event) => {
            text.set(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <EmojiButton label="Insert an emoji" onPick={insert} />
        <IconButton
          icon={isEditing ? 'check' : 'send'}
          label={isEditing ? 'Save' : 'Send'}
          class={text.value.trim() === '' ? 'send' : 'send ready'}
          onClick={send}
        />
      </div>
    </div>
  );
};

const listAttributes = ({ people, chosen }: Mentions) =>
  people.length > 0
    ? ({
        'aria-controls': completionId,
        'aria-autocomplete': 'list',
        'aria-activedescendant': `${completionId}-${chosen}`,
      } as const)
    : {};

export type Text = { readonly value: string; readonly set: (value: string) => void };

/** The draft of this stream, or the text of the message that is being edited. */
const useText = ({ draft, s }: Conversation): Text => {
  const { client } = useChat();
  const { editing, text } = draft;
  if (editing.id.value !== undefined)
    return { value: editing.text.value, set: (value) => editing.write(value) };
  const set = (value: string): void => {
    text.value = value;
    if (value.trim() !== '') client.typing(s);
  };
  return { value: text.value, set };
};

const useSend = (conversation: Conversation, text: Text) => {
  const app = useApp();
  const { client, limits } = useChat();
  const save = async (value: string): Promise<void> => {
    const { draft, s } = conversation;
    if (await draft.editing.save(client, s, value)) return;
    draft.text.value = [draft.text.value, value].filter(Boolean).join('\n');
    app.notify('The message was deleted in the meantime. Your text was kept as a draft.');
  };
  return (): void => {
    const value = withoutMargins(text.value);
    const { editing } = conversation.draft;
    const id = editing.id.peek();
    if (value === '') return;
    if ([...value].length > limits.text) {
      app.notify(
        `A message can have at most ${limits.text} characters; this one has ${[...value].length}.`,
      );
      return;
    }
    if (id === undefined) {
      conversation.post(value);
      text.set('');
      return;
    }
    const current = conversation.find(id)?.text;
    if (value === current || text.value === current) editing.cancel();
    else void save(value);
  };
};

export type Mentions = {
  readonly typed: ReturnType<typeof mentionAt>;
  readonly people: readonly Candidate[];
  readonly chosen: number;
  readonly choose: (index: number) => void;
  readonly dismiss: () => void;
};

type MentionProps = ConversationProps & { readonly text: string; readonly caret: number };

/** The suggestions while a mention is typed. */
const useMentions = ({ room, conversation, text, caret }: MentionProps): Mentions => {
  const [chosen, choose] = useState(0);
  const [dismissed, setDismissed] = useState<number>();
  const typed = mentionAt(text, caret);
  const isOpen = typed !== undefined && typed.start !== dismissed;
  const recent = conversation.timeline.value.messages.slice(-40).map(({ by }) => by);
  const candidates = [...(room.members.value?.values() ?? [])].map(({ user }) => ({
    id: user.id,
    username: user.username,
    name: room.nameOf(user.id),
  }));
  const people = isOpen
    ? completions(candidates, typed.query, { recent: [...new Set(recent.toReversed())] })
    : [];
  useEffect(() => choose(0), [typed?.query]);
  return {
    typed,
    people,
    chosen: Math.min(chosen, Math.max(0, people.length - 1)),
    choose,
    dismiss: () => setDismissed(typed?.start),
  };
};

type Input = { readonly current: HTMLTextAreaElement | null };

/** Grows with its text, up to the limit of the style sheet. */
const useGrowth = (input: Input, text: string): void => {
  useLayoutEffect(() => {
    const area = input.current;
    const row = area?.parentElement;
    if (!area || !row) return;
    // The row keeps its height meanwhile: otherwise the content above would scroll permanently.
    row.style.minHeight = `${row.offsetHeight}px`;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
    row.style.minHeight = '';
  }, [text]);
};

/** Takes the focus when a reply or an edit starts, and on a desktop when a stream is opened. */
const useFocus = (input: Input, conversation: Conversation): void => {
  const { isTouch, overlay } = useApp();
  const { editing, replyTo } = conversation.draft;
  const target = editing.id.value ?? replyTo.value;
  const shown = useRef<Conversation | undefined>(undefined);
  useEffect(() => {
    const isFirst = shown.current !== conversation || target === undefined;
    shown.current = conversation;
    if (isFirst && (isTouch.peek() || overlay.peek())) return;
    input.current?.focus();
  }, [target, conversation]);
};

/** Keys typed without a focused field start a message. */
const useTypingAnywhere = (input: Input): void => {
  useEffect(() => {
    const take = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey, target } = event;
      if (key.length !== 1 || key === ' ' || ctrlKey || metaKey || altKey) return;
      if (target instanceof Element && target.closest('input, textarea, select, dialog, .popover'))
        return;
      input.current?.focus();
    };
    addEventListener('keydown', take);
    return () => removeEventListener('keydown', take);
  }, []);
};
