/** The one window. */
import { join } from 'node:path';
import { BrowserWindow, dialog, nativeTheme } from 'electron';
import { origin } from './scheme.ts';
import { readWindowState, rememberWindow } from './window-state.ts';
import { words } from './words.ts';

/** Renderer crashes closer together than this are asked about instead of reloaded, in milliseconds. */
const crashLoop = 30_000;

function surviveCrash(window: BrowserWindow): void {
  let last = -Infinity;
  window.webContents.on('render-process-gone', async (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const soon = Date.now() - last < crashLoop;
    last = Date.now();
    if (!soon) return window.webContents.reload();
    const text = words();
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: text.windowCrashed,
      detail: `${text.windowCrashedDetail} (${reason})`,
      buttons: [text.reload, text.quit],
      cancelId: 1,
    });
    if (response === 0) window.webContents.reload();
    else window.close();
  });
}

/** Windows and macOS take it from the application itself. */
function icon(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return join(import.meta.dirname, '..', '..', 'build', 'icons', '512x512.png');
}

export function openWindow(preload: string): BrowserWindow {
  const { maximized, ...bounds } = readWindowState();
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Saccade',
    icon: icon(),
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#161616' : '#f6f6f6',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false, // or Chromium fetches dictionaries from the net
      navigateOnDragDrop: false,
      safeDialogs: true,
    },
  });
  rememberWindow(window);
  surviveCrash(window);
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  void window.loadURL(`${origin}/`);
  return window;
}

export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
