/** The native menu: the platform's own roles where there are any, the interface's commands elsewhere. */
import { app, Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { Events } from '../contract/verbs.ts';
import { words } from './words.ts';

export type Command = Events['app.command']['command'];

function menuTemplate(tell: (command: Command) => void, mac: boolean): MenuItemConstructorOptions[] {
  const text = words();
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => tell(command),
  });
  const settings = item(text.settings, 'settings', 'CmdOrCtrl+,');
  const about = item(text.about, 'about');
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const application: MenuItemConstructorOptions = {
    label: app.name,
    submenu: [
      about,
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: text.file,
    submenu: [
      item(text.openFolder, 'open-folder', 'CmdOrCtrl+O'),
      item(text.importModel, 'models', 'CmdOrCtrl+Shift+M'),
      separator,
      ...(mac ? [{ role: 'close' } as const] : [settings, separator, { role: 'quit' } as const]),
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: text.edit,
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      separator,
      item(text.find, 'find', 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: text.view,
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
      ...(app.isPackaged
        ? []
        : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: text.help,
    submenu: [item(text.keys, 'keys'), ...(mac ? [] : [about])],
  };
  return mac ? [application, file, edit, view, { role: 'windowMenu' }, help] : [file, edit, view, help];
}

export function setMenu(tell: (command: Command) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(tell, process.platform === 'darwin')));
}
