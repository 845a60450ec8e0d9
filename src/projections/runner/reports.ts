import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { Progress } from './following.ts';

/** The interval between two reports of a partition, at least, in ms; a change of state is reported immediately. */
const intervalMs = 250;

/** Thins out the reports of one partition; the newest is never lost. */
export const thinned = (report: (progress: Progress) => void): ((progress: Progress) => void) => {
  let state: string | undefined;
  let pending: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;

  const send = (progress: Progress): void => {
    clearTimeout(timer);
    pending = undefined;
    state = progress.state;
    timer = setTimeout(() => {
      timer = undefined;
      if (pending) send(pending);
    }, intervalMs).unref();
    report(progress);
  };

  return (progress) => {
    if (progress.state !== state || !timer) send(progress);
    else pending = progress;
  };
};
