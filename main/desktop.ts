/** Electron's entry: what happens, in order. How is in shell/. */
import { join } from 'node:path';
import { app } from 'electron';
import type { BrowserWindow } from 'electron';
import { applicationFolder, rendererFolder } from './application.ts';
import { createBroker } from './broker/broker.ts';
import { listBundle } from './broker/bundle.ts';
import { contentOf } from './broker/content.ts';
import { home } from './home.ts';
import { startLibrary } from './rpc/library.ts';
import { followSettings } from './shell/appearance.ts';
import { readStart, wordsOf } from './shell/arguments.ts';
import { openChannel } from './shell/channel.ts';
import { runHeadless } from './shell/command.ts';
import { failAtStart } from './shell/failure.ts';
import { guardContents, guardSession, requireSandbox } from './shell/guards.ts';
import { claimInstance, keepWindowDataIn, onFolder } from './shell/instance.ts';
import { startProcess } from './shell/processes.ts';
import { showProgress } from './shell/progress.ts';
import { closeBeforeQuit } from './shell/quit.ts';
import { registerScheme, serveScheme } from './shell/scheme.ts';
import { desktopServices } from './shell/services.ts';
import { focusWindow, openWindow } from './shell/window.ts';

let window: BrowserWindow | null = null;
const currentWindow = (): BrowserWindow | null => window;

function showWindow(): void {
  if (window && !window.isDestroyed()) return focusWindow(window);
  window = openWindow(join(import.meta.dirname, '..', 'preload', 'preload.cjs'));
  window.on('closed', () => (window = null));
}

function openDesktop(folder: string | null): void {
  requireSandbox();
  guardSession();
  const bundle = listBundle(rendererFolder());
  const library = startLibrary(startProcess, {
    home: home(),
    builtInModel: join(applicationFolder(), 'models', 'starter'),
    window: true,
  });
  const places = { dataFolder: home(), samplesFolder: join(applicationFolder(), 'samples') };
  const broker = createBroker(library, desktopServices(library, places, currentWindow));
  const channel = openChannel(broker, currentWindow);
  const openFolder = (path: string | null): void => {
    showWindow();
    if (path) channel.command({ command: 'open-folder', path });
  };

  serveScheme(contentOf(bundle, library));
  followSettings(broker, (command) => {
    showWindow();
    channel.command({ command });
  });
  const progress = showProgress(currentWindow);
  broker.onEvent((event, payload) => {
    if (event === 'run.progress') progress(payload as Parameters<typeof progress>[0]);
  });
  onFolder(openFolder);
  app.on('activate', showWindow);
  closeBeforeQuit(() => library.close());
  openFolder(folder);
}

function start(): void {
  keepWindowDataIn(join(home(), 'window'));
  registerScheme();
  guardContents();
  const request = readStart(wordsOf(process.argv, app.isPackaged), process.cwd());
  if (request.kind === 'command') runHeadless(request.args);
  else if (!claimInstance(request.folder)) app.quit();
  // Nobody awaits this: Electron waits for the end of this module before it is ready.
  else
    void app
      .whenReady()
      .then(() => openDesktop(request.folder))
      .catch(failAtStart);
}

try {
  start();
} catch (error) {
  failAtStart(error);
}
