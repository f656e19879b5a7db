/** Where the window was when it was closed, kept in one small file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, screen } from 'electron';
import type { BrowserWindow, Rectangle } from 'electron';
import { z } from 'zod';

const saved = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(400),
  height: z.int().min(300),
  maximized: z.boolean(),
});
export type WindowState = Partial<Rectangle> & { width: number; height: number; maximized: boolean };

const usual: WindowState = { width: 1280, height: 820, maximized: false };
const file = () => join(app.getPath('userData'), 'window.json');

/** Whether enough of the window lies on a screen that is there now to take hold of it. */
function visible(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const across =
      Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x);
    const top = bounds.y >= workArea.y - 8 && bounds.y < workArea.y + workArea.height - 50;
    return across >= 100 && top;
  });
}

/** The usual size where nothing was saved, the file is damaged, or its screen is gone. */
export function readWindowState(): WindowState {
  try {
    const state = saved.parse(JSON.parse(readFileSync(file(), 'utf8')));
    if (visible(state)) return state;
    return { width: state.width, height: state.height, maximized: state.maximized };
  } catch {
    return usual;
  }
}

export function rememberWindow(window: BrowserWindow): void {
  window.on('close', () => {
    const state = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      writeFileSync(file(), JSON.stringify(state));
    } catch (error) {
      console.error(`The window's place could not be saved: ${(error as Error).message}`);
    }
  });
}
