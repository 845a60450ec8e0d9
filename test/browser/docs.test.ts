import { afterAll, expect, it } from 'vitest';
import { describeInBrowser, desktop, phone, useBrowser } from '../support/fixtures/browser.ts';
import { openStage, type ServerStage } from '../support/fixtures/server-stage.ts';

describeInBrowser('the documentation', () => {
  const browser = useBrowser();
  let stage: Promise<ServerStage> | undefined;
  const server = async () => {
    stage ??= openStage('embedded');
    return (await stage).server();
  };
  afterAll(async () => (await stage)?.close());

  const screens = { phone, desktop } as const;
  const cases = Object.keys(screens).flatMap((screen) =>
    (['light', 'dark'] as const).map((scheme) => [screen as keyof typeof screens, scheme] as const),
  );

  it.each(cases)('is without error on a %s in the %s', async (screen, colorScheme) => {
    const { url } = await server();
    const options = { viewport: screens[screen], isMobile: screen === 'phone', colorScheme };
    const http = await browser.open(options);
    await http.page.goto(`${url}/docs`);
    await http.page.click('#operations-circles-create-circle .opblock-summary-control');
    await http.page.waitForSelector('#operations-circles-create-circle .responses-table');
    const isDark = await http.page.evaluate('document.documentElement.className === "dark-mode"');
    expect(isDark).toBe(colorScheme === 'dark');
    const socket = await browser.open(options);
    await socket.page.goto(`${url}/docs/socket`);
    await socket.page.click('nav a[href="#command"]');
    for (const { page, consoleErrors } of [http, socket]) {
      const overflow =
        'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(overflow)).toBe(0);
      expect(consoleErrors).toEqual([]);
    }
  });
});
