/** Puts the contract's bridge on `window.saccade`, and nothing else: no channel name, no ipcRenderer, no Node. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels } from './shell/channels.ts';
import type { Bridge, EventListener } from './contract/wire.ts';

const listeners = new Set<EventListener>();
ipcRenderer.on(channels.event, (_event, name, payload) => {
  for (const listener of listeners) listener(name, payload);
});

const bridge: Bridge = {
  ask: (verb, request) => ipcRenderer.invoke(channels.ask, verb, request),
  onEvent(listener) {
    listeners.add(listener);
    if (listeners.size === 1) ipcRenderer.send(channels.listening);
    return () => listeners.delete(listener);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('saccade', bridge);
