import { useEffect } from 'preact/hooks';
import { ConnectionNotice } from './connection-notice.tsx';
import { useApp } from './context.ts';
import { Middle } from './middle.tsx';
import { SidePane } from './side-pane.tsx';
import { Sidebar } from './sidebar.tsx';

/** The three panes: where one can go, what is said there, and who is there. On a phone one of them at a time. */
export const Shell = () => {
  const app = useApp();
  const route = app.navigation.route.value;
  const isPhone = app.isPhone.value;
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey)
        return;
      event.preventDefault();
      app.overlay.value = app.overlay.value ? undefined : { is: 'switcher' };
    };
    addEventListener('keydown', open);
    return () => removeEventListener('keydown', open);
  }, [app]);
  const isHome = route.at === 'home';
  const isSideShown = route.at === 'circle' && app.side.value !== undefined;
  return (
    <div class="shell">
      {!isPhone && <Sidebar />}
      {isPhone && isHome && (
        <main class="list" aria-label="Home">
          <h1 class="unseen">Home</h1>
          <Sidebar />
        </main>
      )}
      {(!isPhone || (!isHome && !isSideShown)) && <Middle />}
      {isSideShown && <SidePane />}
      <ConnectionNotice />
    </div>
  );
};
