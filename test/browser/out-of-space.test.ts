import { expect } from 'vitest';
import { type Screen, screens, testInBrowser } from '../support/fixtures/browser.ts';
import {
  chooseAction,
  composer,
  messageWith,
  react,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, post } from '../support/fixtures/server-people.ts';
import { expectAccessible } from './accessibility.ts';
import { viewAt } from './screenshots.ts';

const stage = usePageStage();

/** More than any disk has on which tests run. */
const hugeReserve = { OSHI_DISK_RESERVE: '1048576' };
const reason = 'The server is out of space';

const keepsText = async (screen: Screen): Promise<void> => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'before' });
  await stage.kill();
  await stage.start(hugeReserve);
  const options = { path: `/c/${circle}/${circle}`, ...screen.options };
  const { page, context } = await stage.enter(ann, options);
  const { capture } = viewAt(page, screen);
  await messageWith(page, 'before').waitFor();
  await composer(page).fill('Is there room for this?');
  await page.getByRole('button', { name: 'Send' }).click();
  const unsent = messageWith(page, 'Is there room');
  await unsent.getByText(`Not sent. ${reason}`).waitFor();
  await capture('out-of-space');
  await expectAccessible(page, 'a message without space');
  await react(page, 'before', 'thumbs up');
  await page.getByText(reason).nth(1).waitFor();
  await chooseAction(page, 'before', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await messageWith(page, 'before').waitFor({ state: 'detached' });

  await stage.kill();
  await stage.start();
  await unsent.getByRole('button', { name: 'Try again' }).click();
  await waitForMessage(page, 'Is there room');
  expect(await messageWith(page, 'Is there room').count()).toBe(1);
  await context.close();
};

for (const screen of screens) {
  testInBrowser(
    `out of space a message is kept, to be sent when there is some, and one can be deleted, on a ${screen.name}`,
    () => keepsText(screen),
  );
}
