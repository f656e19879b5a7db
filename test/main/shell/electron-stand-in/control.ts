/** The test's end of the stand-in: commands over the channel of child_process.fork, each answered with plain data. */
import { answers, app, handlers, nativeTheme, preventable, record } from './electron.ts';
import { children } from './utility.ts';

type Sender = 'page' | 'foreign frame' | 'foreign page' | 'no frame';

const page = () => record.windows.at(-1)!;
const call = (name: string, ...args: unknown[]): unknown =>
  (handlers.get(name) as (...a: unknown[]) => unknown)(...args);

function senderOf(kind: Sender) {
  const { webContents } = page();
  if (kind === 'no frame') return { senderFrame: null, sender: webContents };
  if (kind === 'foreign frame') return { senderFrame: { url: 'app://saccade/' }, sender: webContents };
  if (kind === 'foreign page') webContents.mainFrame.url = 'https://evil.example/';
  return { senderFrame: webContents.mainFrame, sender: webContents };
}

interface MenuItem {
  label?: string;
  role?: string;
  accelerator?: string;
  click?: () => void;
  submenu?: MenuItem[];
}

const flat = (items: MenuItem[]): MenuItem[] =>
  items.flatMap((item) => [item, ...(item.submenu ? flat(item.submenu) : [])]);
const menu = () => flat(record.menus.at(-1) as MenuItem[]);

export const commands = {
  state: () => ({
    pid: process.pid,
    privileges: record.privileges,
    windows: record.windows.map(({ options, shown, webContents, progress }) => ({
      options,
      shown,
      progress,
      url: webContents.mainFrame.url,
      reloads: webContents.reloads,
      sent: webContents.sent,
    })),
    dialogs: record.dialogs,
    notifications: record.notifications,
    revealed: record.revealed,
    lockData: record.lockData,
    theme: nativeTheme.themeSource,
    menu:
      record.menus.length > 0
        ? menu().map(({ label, role, accelerator }) => ({ label, role, accelerator }))
        : [],
    userData: app.getPath('userData'),
    children,
  }),
  set: (values: Partial<typeof answers>) => void Object.assign(answers, values),
  async fetch(url: string, method = 'GET') {
    const response = (await call('protocol app', new Request(url, { method }))) as Response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), bytes };
  },
  ask: (verb: unknown, request: unknown, sender: Sender = 'page') =>
    call('ipc saccade:ask', senderOf(sender), verb, request),
  listen: (sender: Sender = 'page') => call('ipc saccade:listening', senderOf(sender)),
  /** Whether Chromium would have been kept from it. */
  refuses(event: string, fields: object) {
    const asked = preventable(fields);
    page().webContents.emit(event, asked);
    return asked.defaultPrevented;
  },
  open: (url: string) => (page().webContents.windowOpen as (details: object) => unknown)({ url }),
  permission(name: string) {
    let granted: unknown = 'undecided';
    call('permission request', page().webContents, name, (decision: boolean) => (granted = decision));
    return {
      request: granted,
      check: call('permission check', page().webContents, name),
      device: call('device permission', {}),
    };
  },
  request(url: string) {
    let decided: unknown = 'undecided';
    call('request', { url }, (decision: unknown) => (decided = decision));
    return decided;
  },
  crash: (reason: string) => void page().webContents.emit('render-process-gone', {}, { reason }),
  click(label: string) {
    menu().find((item) => item.label === label)!.click!();
  },
  emit: (event: string, ...args: unknown[]) => void app.emit(event, ...args),
  close: () => page().close(),
  quit: () => app.quit(),
};

interface Order {
  id: number;
  command: keyof typeof commands;
  args: unknown[];
}

export function obey(): void {
  process.on('message', async ({ id, command, args }: Order) => {
    try {
      const value = await (commands[command] as (...args: unknown[]) => unknown)(...args);
      process.send!({ id, value });
    } catch (error) {
      process.send!({ id, error: (error as Error).message });
    }
  });
}
