/** Names of the channels between preload.ts and channel.ts; nobody else may use Electron's IPC. */
export const channels = {
  ask: 'saccade:ask',
  event: 'saccade:event',
  listening: 'saccade:listening',
} as const;
