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
      <h1 class="unseen">Loading</h1>
      {problem === '' ? (
        <span class="spinner" />
      ) : (
        <Failure {...{ what: 'This', problem, retry: () => following?.retry() }} />
      )}
    </Main>
  );
};

/** Shown for what does not exist or is not accessible. */
export const NotFound = ({
  what,
  children,
}: {
  readonly what: 'circle' | 'stream';
  readonly children?: ComponentChildren;
}) => (
  <Main class="middle empty" label="Not found">
    <div class="empty-box">
      <h1>{what === 'circle' ? 'Circle' : 'Stream'} not found</h1>
      <p>It may have been deleted, or you may not be a member.</p>
      <GoHome />
      {children}
    </div>
  </Main>
);

/** An unknown address. */
export const UnknownAddress = () => (
  <Main class="middle empty" label="Not found">
    <div class="empty-box">
      <h1>Page not found</h1>
      <p>The link may be mistyped or incomplete.</p>
      <GoHome />
    </div>
  </Main>
);

const GoHome = () => (
  <Link to={{ at: 'home' }} class="button main">
    Go home
  </Link>
);
