import type { Conversation } from './conversation.ts';

/** What lies on top of the page, one at a time. */
export type Overlay =
  | { readonly is: 'switcher' }
  | { readonly is: 'create-circle' }
  | { readonly is: 'join-by-link' }
  | { readonly is: 'new-direct' }
  | { readonly is: 'person'; readonly user: string; readonly circle?: string }
  | { readonly is: 'circle-settings'; readonly circle: string }
  | { readonly is: 'invites'; readonly circle: string }
  | { readonly is: 'nickname'; readonly circle: string }
  | { readonly is: 'create-stream'; readonly circle: string }
  | { readonly is: 'stream-settings'; readonly circle: string; readonly stream: string }
  | { readonly is: 'edits'; readonly conversation: Conversation; readonly id: string }
  | Question;

/** Something to be sure of before it is done. */
export type Question = {
  readonly is: 'question';
  readonly title: string;
  readonly text: string;
  /** What the button says that does it. */
  readonly action: string;
  /** `signal` is aborted when the question is closed before that is done. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
};
