/** What a renderer may never do, whatever runs in it: leave, open, embed, or ask the system for anything. */
import { app, session } from 'electron';
import { SaccadeError } from '../../models/error.ts';
import { origin } from './scheme.ts';

/** Whether it is the address of our page, wherever in the page it points. */
export function isOurs(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}` === origin && (pathname === '/' || pathname === '/index.html');
}

/** `blob:` and `data:` are drawn in the renderer itself; `devtools:` exists in development only. */
const local = ['app:', 'blob:', 'data:', 'devtools:'];

/**
 * An AppImage adds `--no-sandbox` by itself where the system forbids user namespaces; the page is not opened then.
 * @throws SaccadeError `no-sandbox`
 */
export function requireSandbox(): void {
  if (app.commandLine.hasSwitch('no-sandbox'))
    throw new SaccadeError(
      'no-sandbox',
      "Saccade opens its window only in Chromium's sandbox, and was started with --no-sandbox. Install the deb package, which brings what the sandbox needs, allow user namespaces on this system, or use the browser: saccade serve.",
    );
}

export function guardSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.setDisplayMediaRequestHandler((_request, decide) => decide({}));
  defaultSession.webRequest.onBeforeRequest((details, decide) =>
    decide({ cancel: !local.includes(new URL(details.url).protocol) }),
  );
}

export function guardContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
