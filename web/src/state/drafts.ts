import { effect, type Signal, signal } from '@preact/signals';
import type { AccountStorage } from './account-storage.ts';
import { Editing, type Edits, noEdits } from './editing.ts';

/** What somebody is writing in one stream. */
export type Draft = {
  readonly text: Signal<string>;
  /** The id of the message that it answers. */
  readonly replyTo: Signal<string | undefined>;
  readonly editing: Editing;
};

type KeptDraft = {
  readonly text: string;
  readonly replyTo?: string | undefined;
  readonly edits: Edits;
};

/** What one account is writing, stream by stream, kept in this browser with each key. */
export class Drafts {
  readonly #storage: AccountStorage;
  readonly #drafts = new Map<string, Draft>();

  constructor(storage: AccountStorage) {
    this.#storage = storage;
  }

  of(s: string): Draft {
    const draft = this.#drafts.get(s) ?? this.#open(s);
    this.#drafts.set(s, draft);
    return draft;
  }

  #open(s: string): Draft {
    const name = `draft:${s}`;
    const kept = this.#storage.get<KeptDraft>(name)?.value;
    const text = signal(kept?.text ?? '');
    const replyTo = signal(kept?.replyTo);
    const editing = new Editing();
    editing.edits.value = kept?.edits ?? noEdits;
    effect(() => {
      const edits = editing.edits.value;
      const draft: KeptDraft = { text: text.value, replyTo: replyTo.value, edits };
      const isEmpty = draft.text === '' && !draft.replyTo && Object.keys(edits.texts).length === 0;
      this.#storage.set(name, isEmpty ? undefined : draft);
    });
    return { text, replyTo, editing };
  }
}
