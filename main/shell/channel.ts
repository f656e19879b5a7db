/** The main side of preload.ts: takes questions from our own page in our own window, and sends it events. */
import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import type { Broker } from '../broker/broker.ts';
import type { Events } from '../contract/verbs.ts';
import { channels } from './channels.ts';
import { isOurs } from './guards.ts';

export interface Channel {
  /** Kept until the interface listens. */
  command(command: Events['app.command']): void;
}

/** Whether the sender is the page that we opened, and no frame or window that something else did. */
function isPage(event: IpcMainInvokeEvent | IpcMainEvent, window: BrowserWindow | null): boolean {
  if (!window || window.isDestroyed() || !event.senderFrame) return false;
  return event.senderFrame === window.webContents.mainFrame && isOurs(event.senderFrame.url);
}

export function openChannel(broker: Broker, window: () => BrowserWindow | null): Channel {
  let listening = false;
  const waiting: Events['app.command'][] = [];
  ipcMain.handle(channels.ask, (event, verb: unknown, request: unknown) => {
    // Thrown, so that the asker's promise rejects: there is nothing a stranger could do with an answer.
    if (!isPage(event, window())) throw new Error("Expected a question of the application's own page.");
    return broker.ask(verb, request);
  });
  ipcMain.on(channels.listening, (event) => {
    if (!isPage(event, window())) return;
    listening = true;
    event.sender.once('did-start-loading', () => (listening = false));
    for (const command of waiting.splice(0)) broker.emit('app.command', command);
  });
  broker.onEvent((name, payload) => {
    const target = window();
    if (target && !target.isDestroyed()) target.webContents.send(channels.event, name, payload);
  });
  return {
    command(command) {
      if (listening) broker.emit('app.command', command);
      else waiting.push(command);
    },
  };
}
