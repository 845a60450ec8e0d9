import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { errorText } from '../state/errors.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';

/** Data from the server: the last value and the last error. */
export type Loading<T> = {
  readonly value: Signal<T | undefined>;
  readonly error: Signal<unknown>;
  readonly load: () => void;
};

/** Loads data when mounted, when `inputs` change, and after a failure when the connection is back. */
export const useLoading = <T,>(
  read: () => Promise<T>,
  inputs: readonly unknown[] = [],
): Loading<T> => {
  const value = useSignal<T | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const requests = useRef(0);
  const load = (): void => {
    requests.current += 1;
    const request = requests.current;
    error.value = undefined;
    read().then(
      (found) => {
        if (request === requests.current) value.value = found;
      },
      (cause: unknown) => {
        if (request === requests.current) error.value = cause;
      },
    );
  };
  useEffect(() => {
    load();
    return () => {
      requests.current += 1;
    };
  }, inputs);
  const connection = useApp().chat.value?.connection.value;
  useEffect(() => {
    if (connection === 'open' && error.peek() !== undefined) load();
  }, [connection]);
  return { value, error, load };
};

export type FailureProps = {
  /** What could not be loaded: "The members". */
  readonly what: string;
  /** The error, as text. */
  readonly problem: string;
  readonly retry: () => void;
};

/** An error with a retry button. While the server prepares its data: a spinner; then it is retried. */
export const Failure = ({ what, problem, retry }: FailureProps) => {
  const isPreparing = useApp().preparing.progress.value !== undefined;
  const wasPreparing = useRef(isPreparing);
  useEffect(() => {
    if (wasPreparing.current && !isPreparing) retry();
    wasPreparing.current = isPreparing;
  }, [isPreparing]);
  if (isPreparing) return <Waiting what={what} />;
  return (
    <div class="load-error" role="alert">
      <p>
        {what} could not be loaded. {problem}
      </p>
      <Button onClick={retry}>Try again</Button>
    </div>
  );
};

const Waiting = ({ what }: Pick<FailureProps, 'what'>) => (
  <span class="spinner" role="status" aria-label={`Loading ${what.replace(/^The /, '')}`} />
);

export type LoadedProps<T> = {
  /** "The members". */
  readonly what: string;
  readonly loading: Loading<T>;
  readonly children: (value: T) => ComponentChildren;
};

/** The loaded data, a spinner, or the error. */
export const Loaded = <T,>({ what, loading, children }: LoadedProps<T>) => {
  const value = loading.value.value;
  const error = loading.error.value;
  return (
    <>
      {error !== undefined && (
        <Failure {...{ what, problem: errorText(error), retry: loading.load }} />
      )}
      {value !== undefined && children(value)}
      {value === undefined && error === undefined && <Waiting what={what} />}
    </>
  );
};
