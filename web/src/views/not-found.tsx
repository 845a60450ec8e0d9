import type { ComponentChildren } from 'preact';
import type { Following } from '../state/following.ts';
import { Link } from './link.tsx';
import { Failure } from './loaded.tsx';
import { Main } from './main-area.tsx';

/** Shown while the route's data is loading, or if it could not be loaded. */
export const Waiting = ({ following }: { readonly following?: Following }) => {
  const problem = following?.problem.value ?? '';
  return (
    <Main class="middle waiting" label="Loading" title="">
      <h1 class="visually-hidden">Loading</h1>
      {problem === '' ? (
        <span class="spinner" />
      ) : (
        <Failure {...{ what: 'This', problem, retry: () => following?.retry() }} />
      )}
    </Main>
  );
};

export type EmptyPageProps = {
  /** The accessible name of the page. */
  readonly label: string;
  readonly title: string;
  readonly text: string;
  /** By default a link to the start page. */
  readonly children?: ComponentChildren;
};

/** A page that only has a message. */
export const EmptyPage = ({ label, title, text, children = <GoHome /> }: EmptyPageProps) => (
  <Main class="middle empty" label={label}>
    <div class="empty-box">
      <h1>{title}</h1>
      <p>{text}</p>
      {children}
    </div>
  </Main>
);

export type NotFoundProps = {
  readonly what: 'Circle' | 'Stream';
  readonly children?: ComponentChildren;
};

/** Shown for what does not exist or is not accessible. */
export const NotFound = ({ what, children }: NotFoundProps) => (
  <EmptyPage
    label="Not found"
    title={`${what} not found`}
    text="It may have been deleted, or you may not be a member."
  >
    <GoHome />
    {children}
  </EmptyPage>
);

/** An unknown address. */
export const UnknownAddress = () => (
  <EmptyPage
    label="Not found"
    title="Page not found"
    text="The link may be mistyped or incomplete."
  />
);

const GoHome = () => (
  <Link to={{ at: 'home' }} class="button main">
    Go home
  </Link>
);
