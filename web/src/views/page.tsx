import { useEffect } from 'preact/hooks';
import { useApp } from './context.ts';
import { Mark } from './icon.tsx';
import { Overlays } from './overlays.tsx';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import { Toasts } from './toasts.tsx';

/** Everything: the login page, or what somebody sees who is logged in, and what lies on top of it. */
export const Page = () => {
  const app = useApp();
  const { unread, mentions } = app.unread.value;
  useEffect(() => {
    const count = unread > 0 ? `(${unread > 99 ? '99+' : unread}) ` : '';
    document.title = `${count}Oshi`;
  }, [unread, mentions]);
  if (app.isStarting.value) {
    return (
      <div class="starting" role="status" aria-label="Oshi is starting">
        <Mark />
      </div>
    );
  }
  return (
    <>
      {app.chat.value ? <Shell key={app.chat.value.me.id} /> : <SignIn />}
      <Overlays />
      <Toasts />
    </>
  );
};
