import { batch, effect, type Signal, signal } from '@preact/signals';
import type { AccountStorage } from './account-storage.ts';
import { Editing, type Edits, noEdits } from './editing.ts';

/** The draft in one stream. */
export type Draft = {
  readonly text: Signal<string>;
  /** The id of the message replied to. */
  readonly replyTo: Signal<string | undefined>;
  readonly editing: Editing;
};

type KeptDraft = {
  readonly text: string;
  readonly replyTo?: string | undefined;
  readonly edits: Edits;
};

const noDraft: KeptDraft = { text: '', edits: noEdits };

const begin = 'draft:';

/**
 * The drafts of one account by stream, stored in this browser with each key. They are shared by all tabs: two tabs
 * with one stream would otherwise overwrite each other's draft.
 */
export class Drafts {
  readonly #storage: AccountStorage;
  readonly #drafts = new Map<string, Draft>();
  readonly #stopWatching: () => void;
  /** A change from another tab is already stored. */
  #isTaking = false;

  constructor(storage: AccountStorage) {
    this.#storage = storage;
    this.#stopWatching = storage.watch((name, value = noDraft) => {
      const draft = name.startsWith(begin) && this.#drafts.get(name.slice(begin.length));
      if (!draft) return;
      this.#isTaking = true;
      take(draft, value as KeptDraft);
      this.#isTaking = false;
    });
  }

  of(s: string): Draft {
    const draft = this.#drafts.get(s) ?? this.#open(s);
    this.#drafts.set(s, draft);
    return draft;
  }

  close(): void {
    this.#stopWatching();
  }

  #open(s: string): Draft {
    const name = `${begin}${s}`;
    const { text, replyTo, edits } = this.#storage.get<KeptDraft>(name)?.value ?? noDraft;
    const draft: Draft = { text: signal(text), replyTo: signal(replyTo), editing: new Editing() };
    draft.editing.edits.value = edits;
    effect(() => {
      const now = written(draft);
      const isEmpty = now.text === '' && !now.replyTo && Object.keys(now.edits.texts).length === 0;
      if (!this.#isTaking) this.#storage.set(name, isEmpty ? undefined : now);
    });
    return draft;
  }
}

const written = ({ text, replyTo, editing }: Draft): KeptDraft => ({
  ...{ text: text.value, replyTo: replyTo.value, edits: editing.edits.value },
});

/** Applies a change from another tab. An open edit stays open while its text exists. */
const take = ({ text, replyTo, editing }: Draft, kept: KeptDraft): void => {
  const id = editing.id.peek();
  const { texts } = kept.edits;
  batch(() => {
    text.value = kept.text;
    replyTo.value = kept.replyTo;
    editing.edits.value = { texts, ...(id !== undefined && Object.hasOwn(texts, id) && { id }) };
  });
};
