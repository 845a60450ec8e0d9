import { useEffect } from 'preact/hooks';
import { focusOn } from '../browser/focus.ts';
import { ConnectionNotice } from './connection-notice.tsx';
import { useApp } from './context.ts';
import { Main } from './main-area.tsx';
import { Middle } from './middle.tsx';
import { PreparingNotice } from './preparing-notice.tsx';
import { SidePane } from './side-pane.tsx';
import { Sidebar } from './sidebar.tsx';

/** The three panes: sidebar, main area, side pane. On a phone one of them at a time. */
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
      <SkipLink />
      {!isPhone && <Sidebar />}
      {isPhone && isHome && (
        <Main class="list" label="Home">
          <h1 class="visually-hidden">Home</h1>
          <Sidebar />
        </Main>
      )}
      {(!isPhone || (!isHome && !isSideShown)) && <Middle />}
      {isSideShown && <SidePane />}
      <ConnectionNotice />
      <PreparingNotice />
    </div>
  );
};

/** The first tab stop: skips the navigation. */
const SkipLink = () => (
  // biome-ignore lint/a11y/useValidAnchor: it leads into the page, and leaves the address as it is.
  <a
    class="skip-link"
    href="#main"
    onClick={(event) => {
      event.preventDefault();
      focusOn(document.getElementById('main'));
    }}
  >
    Skip to content
  </a>
);
