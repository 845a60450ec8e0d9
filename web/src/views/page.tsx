import { useEffect } from 'preact/hooks';
import { countLabel } from '../state/badges.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Guard } from './guard.tsx';
import { Mark } from './icon.tsx';
import { Failure } from './loaded.tsx';
import { Main } from './main-area.tsx';
import { UnknownAddress } from './not-found.tsx';
import { Overlays } from './overlays.tsx';
import { PreparingNotice } from './preparing-notice.tsx';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import { Toasts } from './toasts.tsx';

/** The whole page: login or the logged-in views, and overlays. */
export const Page = () => {
  const app = useApp();
  const unread = app.unread.value;
  const title = app.title.value;
  useEffect(() => {
    const count = unread > 0 ? `(${countLabel(unread)}) ` : '';
    document.title = `${count}${title && `${title} · `}Oshi`;
  }, [unread, title]);
  return (
    <Guard instead={<Broken />}>
      <Content />
      <Overlays />
      <Toasts />
    </Guard>
  );
};

const Content = () => {
  const app = useApp();
  if (app.isStarting.value) return <Starting />;
  if (app.chat.value) return <Shell key={app.chat.value.me.id} />;
  return app.navigation.route.value.at === 'not-found' ? <UnknownAddress /> : <SignIn />;
};

const Starting = () => {
  const app = useApp();
  const problem = app.startProblem.value;
  return (
    <Main class="starting" label="Oshi is starting" title="">
      <h1 class="visually-hidden">Oshi</h1>
      <span role="status" aria-label="Starting">
        <Mark />
      </span>
      {problem !== '' && (
        <Failure {...{ what: 'Oshi', problem, retry: () => void app.findAccount() }} />
      )}
      <PreparingNotice />
    </Main>
  );
};

/** Shown after an unexpected error. */
const Broken = () => (
  <Main class="starting" label="Something went wrong">
    <div class="load-error" role="alert">
      <h1>Something went wrong</h1>
      <Button onClick={() => location.reload()}>Reload</Button>
    </div>
  </Main>
);
