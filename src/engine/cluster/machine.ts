import { readFileSync, readlinkSync } from 'node:fs';

/** The machine's boot and its namespace of process ids, on Linux; undefined elsewhere. */
export const machineOf = (): string | undefined => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
};

/** Whether no process has this id; only for ids of this machine. */
export const isOver = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};
