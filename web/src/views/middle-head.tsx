import { IconButton } from './button.tsx';
import { useApp } from './context.ts';

/** The head of what is no conversation. */
export const MiddleHead = ({ title }: { readonly title: string }) => {
  const app = useApp();
  return (
    <header class="head">
      {app.isPhone.value && (
        <IconButton icon="back" label="Back" onClick={() => app.navigation.back()} />
      )}
      <div class="head-title">
        <h1>{title}</h1>
      </div>
    </header>
  );
};
