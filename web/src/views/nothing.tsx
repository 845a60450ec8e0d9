import { Link } from './link.tsx';

/** Shown until it is known what there is to show. */
export const Waiting = () => (
  <main class="middle waiting" aria-label="Loading">
    <span class="spinner" />
  </main>
);

/** Shown where there is nothing, or nothing for whoever asks. */
export const Missing = ({ what }: { readonly what: 'circle' | 'stream' }) => (
  <main class="middle empty" aria-label="Not found">
    <div class="empty-box">
      <h1>There is no such {what}</h1>
      <p>It may have been deleted, or you are not in it (any more).</p>
      <Link to={{ at: 'home' }} class="button main">
        Go home
      </Link>
    </div>
  </main>
);
