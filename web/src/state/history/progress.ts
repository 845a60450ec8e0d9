import type { Progress } from '../../../../src/client/objects.ts';
import { counted } from '../labels.ts';

/** A projection's progress: as text, and as `done` of `whole`. */
export type ShownProgress = {
  readonly state: 'live' | 'behind' | 'failed' | 'stopped';
  readonly words: string;
  readonly done: number;
  readonly whole: number;
};

export const progressOf = ({ state, applied, head, lag, rate }: Progress): ShownProgress => {
  const whole = Math.max(1, head);
  const done = Math.min(whole, head === 0 ? 1 : applied);
  const behind = `${counted(lag, 'event')} behind`;
  if (state === 'failed') return { state, words: `failed, ${behind}`, done, whole };
  if (lag <= 0 && (state === 'live' || state === 'catching-up'))
    return { state: 'live', words: 'live', done, whole };
  if (state === 'live' || state === 'catching-up') {
    const left = rate !== undefined && rate > 0 ? `, ${Math.ceil(lag / rate)} s left` : '';
    return { state: 'behind', words: `${behind}${left}`, done, whole };
  }
  const words = state.replaceAll('-', ' ');
  return { state: 'stopped', words: lag > 0 ? `${words}, ${behind}` : words, done, whole };
};
