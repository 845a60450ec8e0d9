import type { Conversation } from './conversation.ts';

/** The open overlay, one at a time. */
export type Overlay =
  | { readonly is: 'switcher' | 'create-circle' | 'join-by-link' | 'new-direct' }
  | { readonly is: 'person'; readonly user: string; readonly circle?: string }
  | {
      readonly is: 'circle-settings' | 'create-stream' | 'invites' | 'nickname';
      readonly circle: string;
    }
  | { readonly is: 'stream-settings'; readonly circle: string; readonly stream: string }
  | { readonly is: 'edits'; readonly conversation: Conversation; readonly id: string }
  | Question;

/** A confirmation before an action. */
export type Question = {
  readonly is: 'question';
  readonly title: string;
  readonly text: string;
  /** The label of the confirm button. */
  readonly action: string;
  /** `signal` is aborted when the dialog is closed before the action is done. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
};
