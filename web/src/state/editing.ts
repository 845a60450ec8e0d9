import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../../../src/client/client.ts';
import type { Message } from '../../../src/client/objects.ts';
import { codeOf, wordsFor } from './errors.ts';

/** Which message is being changed, and the texts of all whose change was begun, by the messages' ids. */
export type Edits = { readonly id?: string; readonly texts: Readonly<Record<string, string>> };

export const noEdits: Edits = { texts: {} };

/** Changes messages of one's own in one stream. A text is let go when the server has it, or when one gives up. */
export class Editing {
  readonly edits = signal<Edits>(noEdits);
  readonly isSaving = signal(false);
  /** Why the server did not take the text. */
  readonly wrong = signal('');
  readonly id: ReadonlySignal<string | undefined> = computed(() => this.edits.value.id);
  readonly text: ReadonlySignal<string> = computed(() => {
    const { id, texts } = this.edits.value;
    return texts[id ?? ''] ?? '';
  });
  #saving: AbortController | undefined;
  /** The text with which the edit began. */
  #begun: string | undefined;

  /** Begins, or goes on with what was begun. */
  begin({ id, text = '' }: Message): void {
    if (id === this.id.value) return;
    this.setAside();
    this.#begun = text;
    this.edits.value = { id, texts: { [id]: text, ...this.edits.value.texts } };
  }

  write(text: string): void {
    const { id, texts } = this.edits.value;
    if (id !== undefined) this.edits.value = { id, texts: { ...texts, [id]: text } };
  }

  /** Does something else first; the text is there when one begins again. */
  setAside(): void {
    if (this.text.value === this.#begun) this.cancel();
    this.#stop();
    this.edits.value = { texts: this.edits.value.texts };
  }

  /** Gives up: what was not saved yet is not saved any more. */
  cancel(): void {
    this.#stop();
    const { id, texts } = this.edits.value;
    const others = Object.entries(texts).filter(([other]) => other !== id);
    this.edits.value = { texts: Object.fromEntries(others) };
  }

  /**
   * Saves the text, and keeps it open until the server has it. False if the message was deleted meanwhile: the text
   * is given up then, and it is for the caller to keep.
   */
  async save(client: Pick<Client, 'command'>, s: string, text: string): Promise<boolean> {
    const id = this.id.value;
    if (id === undefined || this.isSaving.value) return true;
    const saving = new AbortController();
    this.#saving = saving;
    this.isSaving.value = true;
    this.wrong.value = '';
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
      this.wrong.value = wordsFor(error);
    }
    return true;
  }

  #stop(): void {
    this.#saving?.abort();
    this.#saving = undefined;
    this.isSaving.value = false;
    this.wrong.value = '';
  }
}
