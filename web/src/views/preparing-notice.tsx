import { progressText } from '../state/preparing.ts';
import { useApp } from './context.ts';

/** Reports that the server builds the data that is read from it, and how far it is. */
export const PreparingNotice = () => {
  const progress = useApp().preparing.progress.value;
  return (
    <div role="status" aria-label="Server" class="connection preparing">
      {progress && (
        <p>
          <span class="spinner" />
          <span>
            The server is preparing its data. <span aria-live="off">{progressText(progress)}</span>
          </span>
        </p>
      )}
    </div>
  );
};
