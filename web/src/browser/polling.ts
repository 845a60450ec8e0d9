/** Calls `run` immediately and every `ms` while the page is visible, one run at a time; returns a function to stop. */
export const whileVisible = (run: () => Promise<void>, ms: number): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;
  let isOver = false;
  const turn = async (): Promise<void> => {
    clearTimeout(timer);
    if (isOver || isRunning || document.visibilityState !== 'visible') return;
    isRunning = true;
    await run();
    isRunning = false;
    if (!isOver) timer = setTimeout(() => void turn(), ms);
  };
  const look = (): void => void turn();
  document.addEventListener('visibilitychange', look);
  void turn();
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
};
