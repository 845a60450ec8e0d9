import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../../../src/client/client.ts';
import type { Message } from '../../../src/client/objects.ts';
import { codeOf, errorText } from './errors.ts';

/** The message being edited, and the texts of all unfinished edits, by message id. */
export type Edits = { readonly id?: string; readonly texts: Readonly<Record<string, string>> };

export const noEdits: Edits = { texts: {} };

/** Edits of the user's messages in one stream. A text is discarded when it is saved or cancelled. */
export class Editing {
  readonly edits = signal<Edits>(noEdits);
  readonly isSaving = signal(false);
  /** Why the server refused the text. */
  readonly problem = signal('');
  readonly id: ReadonlySignal<string | undefined> = computed(() => this.edits.value.id);
  readonly text: ReadonlySignal<string> = computed(() => {
    const { id, texts } = this.edits.value;
    return texts[id ?? ''] ?? '';
  });
  #saving: AbortController | undefined;
  /** The text at the start of the edit. */
  #original: string | undefined;

  /** Starts or resumes an edit. */
  start({ id, text = '' }: Message): void {
    if (id === this.id.value) return;
    this.suspend();
    this.#original = text;
    this.edits.value = { id, texts: { [id]: text, ...this.edits.value.texts } };
  }

  write(text: string): void {
    const { id, texts } = this.edits.value;
    if (id !== undefined) this.edits.value = { id, texts: { ...texts, [id]: text } };
  }

  /** Suspends the edit; its text is kept. */
  suspend(): void {
    if (this.text.value === this.#original) this.cancel();
    this.#stop();
    this.edits.value = { texts: this.edits.value.texts };
  }

  /** Cancels the edit and a save in progress. */
  cancel(): void {
    this.#stop();
    const { id, texts } = this.edits.value;
    const others = Object.entries(texts).filter(([other]) => other !== id);
    this.edits.value = { texts: Object.fromEntries(others) };
  }

  /**
   * Saves the text, and keeps it open until the server has it. False if the message was deleted meanwhile: the edit is
   * discarded, and the caller keeps the text.
   */
  async save(client: Pick<Client, 'command'>, s: string, text: string): Promise<boolean> {
    const id = this.id.value;
    if (id === undefined || this.isSaving.value) return true;
    const saving = new AbortController();
    this.#saving = saving;
    this.isSaving.value = true;
    this.problem.value = '';
    try {
      await client.command('edit-message', { s, id, text }, { signal: saving.signal });
      if (this.#saving === saving) this.cancel();
    } catch (error) {
      if (this.#saving !== saving) return true;
      this.#stop();
      if (codeOf(error) === 'not-found') {
        this.cancel();
        return false;
      }
      this.problem.value = errorText(error);
    }
    return true;
  }

  #stop(): void {
    this.#saving?.abort();
    this.#saving = undefined;
    this.isSaving.value = false;
    this.problem.value = '';
  }
}
