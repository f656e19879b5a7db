import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { prepare } from '../environment.ts';
import { findChromium, findElectron } from './hosts.ts';

prepare();

const chromium = findChromium();
const electron = findElectron();
const none = !chromium && !electron;
if (none && process.env['CI'])
  throw new Error(
    'END-TO-END TESTS CAN’T RUN: neither a Chromium nor Electron’s binary was found. Install Debian’s chromium-headless-shell, or set CHROMIUM to one.',
  );
if (!electron)
  console.warn('SKIPPED: the specs on Electron (its binary is not here, or there is no display).');
if (!chromium) console.warn('SKIPPED: the specs on the browser host (no Chromium was found).');

/** Of several such flags Chromium takes the last, so that Playwright's own stand here again. */
const withoutFeatures = [
  // A page more for each window, of its address bar, and a process kept for the next page: a third of what a window costs.
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'SpareRendererForSitePerProcess'],
  ...['AimEnabled', 'AvoidCorsURLLoaderRestartOnRedirect', 'AvoidUnnecessaryBeforeUnloadCheckSync'],
  ...['DestroyProfileOnBrowserClose', 'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'LensOverlay'],
  ...['MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints', 'PaintHolding', 'PreconnectToSearch'],
  ...['TcpPortRandomizationWin', 'ThirdPartyStoragePartitioning'],
];

export default defineConfig({
  testDir: '.',
  testMatch: none ? [] : '*.spec.ts',
  outputDir: '../../test-results',
  // A window waits for its library and inference, and they for it: a spec alone leaves much of a core idle.
  workers: Math.min(4, availableParallelism()),
  // For what hangs: the longest is 84 s on two cores that nothing else uses.
  timeout: 240_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  // A spec that passes at the second attempt is told as "flaky"; its trace of the first is kept.
  retries: process.env['CI'] ? 1 : 0,
  reporter: [['list']],
  use: {
    actionTimeout: 15_000,
    // The steps and the console. A film of every spec was a fifth of what specs cost, the
    // page's DOM at each step an eighth: of what failed, a picture and the page's accessibility tree are kept.
    trace: process.env['CI']
      ? { mode: 'retain-on-first-failure', screenshots: false, snapshots: false }
      : 'off',
    screenshot: process.env['CI'] ? 'only-on-failure' : 'off',
    launchOptions: {
      executablePath: chromium ?? undefined,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        `--disable-features=${withoutFeatures.join(',')}`,
      ],
    },
  },
  projects: [
    ...(chromium ? [{ name: 'browser', metadata: { host: 'browser' } }] : []),
    ...(electron ? [{ name: 'electron', metadata: { host: 'electron' } }] : []),
  ],
});
