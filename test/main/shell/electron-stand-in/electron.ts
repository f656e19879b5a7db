/** As much of Electron's main-process module as Saccade uses, without Chromium: it records, and a test drives it. */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';

export { MessageChannelMain, utilityProcess } from './utility.ts';

type Handler = (...args: never[]) => unknown;

/** What happened, for the test to look at. */
export const record = {
  privileges: [] as unknown[],
  windows: [] as StandInWindow[],
  menus: [] as unknown[],
  dialogs: [] as unknown[],
  notifications: [] as unknown[],
  revealed: [] as string[],
  lockData: undefined as unknown,
  exitCode: null as number | null,
};
/** What the test may set before. */
export const answers = { messageBox: 0, openDialog: [] as string[], lock: true, focused: true };
export const handlers = new Map<string, Handler>();

const paths = new Map<string, string>();
export const app = Object.assign(new EventEmitter(), {
  isPackaged: Boolean(process.env['STAND_IN_PACKAGED']),
  name: 'Saccade',
  whenReady: () => ready,
  setPath(name: string, path: string) {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist`);
    paths.set(name, path);
  },
  getPath: (name: string) => paths.get(name)!,
  getVersion: () => '0.0.0-stand-in',
  getLocale: () => process.env['STAND_IN_LOCALE'] ?? 'en-GB',
  commandLine: { hasSwitch: (name: string) => process.argv.includes(`--${name}`) },
  disableHardwareAcceleration() {},
  requestSingleInstanceLock(data: unknown) {
    record.lockData = data;
    return !process.env['STAND_IN_SECOND'];
  },
  quit() {
    const event = preventable();
    app.emit('before-quit', event);
    if (event.defaultPrevented) return;
    app.emit('will-quit', event);
    if (!event.defaultPrevented) app.exit(0);
  },
  exit(code: number) {
    record.exitCode = code;
    process.exit(code);
  },
});
// Electron waits for the main module, then for the event loop.
const ready = new Promise<void>((resolve) => setTimeout(resolve, 20));

export function preventable<T extends object>(fields?: T) {
  return Object.assign({ defaultPrevented: false }, fields, {
    preventDefault(this: { defaultPrevented: boolean }) {
      this.defaultPrevented = true;
    },
  });
}

class StandInContents extends EventEmitter {
  mainFrame = { url: '' };
  sent: unknown[][] = [];
  reloads = 0;
  windowOpen: Handler = () => ({ action: 'allow' });
  setWindowOpenHandler(handler: Handler): void {
    this.windowOpen = handler;
  }
  send(...message: unknown[]): void {
    this.sent.push(structuredClone(message));
  }
  reload(): void {
    this.reloads += 1;
  }
}

export class StandInWindow extends EventEmitter {
  webContents = new StandInContents();
  options: Record<string, unknown>;
  progress: unknown[] = [];
  shown = 0;
  private destroyed = false;
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    record.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    await Promise.resolve();
    this.emit('ready-to-show');
  }
  show(): void {
    this.shown += 1;
  }
  close(): void {
    this.emit('close');
    this.destroyed = true;
    this.emit('closed');
    app.emit('window-all-closed');
  }
  focus(): void {}
  restore(): void {}
  maximize(): void {}
  isMinimized = () => false;
  isMaximized = () => false;
  isFocused = () => answers.focused;
  isDestroyed = () => this.destroyed;
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  setProgressBar(...args: unknown[]): void {
    this.progress.push(args);
  }
}
export { StandInWindow as BrowserWindow };

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]) => record.privileges.push(...schemes),
  handle: (scheme: string, handler: Handler) => handlers.set(`protocol ${scheme}`, handler),
};
const keep = (name: string) => (handler: Handler) => void handlers.set(name, handler);
export const session = {
  defaultSession: {
    setPermissionRequestHandler: keep('permission request'),
    setPermissionCheckHandler: keep('permission check'),
    setDevicePermissionHandler: keep('device permission'),
    setDisplayMediaRequestHandler: keep('display media'),
    webRequest: { onBeforeRequest: keep('request') },
  },
};
export const ipcMain = {
  handle: (channel: string, handler: Handler) => handlers.set(`ipc ${channel}`, handler),
  on: (channel: string, handler: Handler) => handlers.set(`ipc ${channel}`, handler),
};
export const dialog = {
  showErrorBox: (...args: unknown[]) => void record.dialogs.push(args),
  showMessageBox(...args: unknown[]) {
    record.dialogs.push(args.at(-1));
    return Promise.resolve({ response: answers.messageBox });
  },
  showOpenDialog(...args: unknown[]) {
    record.dialogs.push(args.at(-1));
    return Promise.resolve({ canceled: answers.openDialog.length === 0, filePaths: answers.openDialog });
  },
};
export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => void record.menus.push(menu),
};
export const nativeTheme = { themeSource: 'system', shouldUseDarkColors: false };
export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
};
export const shell = {
  showItemInFolder: (path: string) => void record.revealed.push(path),
  openPath: (path: string) => Promise.resolve(path.endsWith('.txt') ? 'No application knows it.' : ''),
};
export class Notification extends EventEmitter {
  static isSupported = () => true;
  private readonly options: unknown;
  constructor(options: unknown) {
    super();
    this.options = options;
  }
  show(): void {
    record.notifications.push(this.options);
  }
}
