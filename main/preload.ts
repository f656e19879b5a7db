/** Puts the contract's bridge on `window.saccade`, and nothing else: no channel name, no ipcRenderer, no Node. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels } from './shell/channels.ts';
import type { Bridge, EventListener } from './contract/wire.ts';

const listeners = new Set<EventListener>();
ipcRenderer.on(channels.event, (_event, name, payload) => {
  for (const listener of listeners) listener(name, payload);
});

const bridge: Bridge = {
  // A question that main refuses to pass on is rejected there; on this side every failure is a value.
  ask: (verb, request) =>
    ipcRenderer.invoke(channels.ask, verb, request).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, error: { code: 'internal', message } };
    }),
  onEvent(listener) {
    listeners.add(listener);
    if (listeners.size === 1) ipcRenderer.send(channels.listening);
    return () => listeners.delete(listener);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('saccade', bridge);
