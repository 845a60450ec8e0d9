import { render } from 'preact';
import { App } from './app.ts';
import { AppContext } from './views/context.ts';
import { Page } from './views/page.tsx';

const app = new App();
const root = document.getElementById('app');
if (root) {
  render(
    <AppContext.Provider value={app}>
      <Page />
    </AppContext.Provider>,
    root,
  );
  void app.start();
}
