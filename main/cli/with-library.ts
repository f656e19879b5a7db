/** The library process as commands use it, and what Ctrl-C means. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { applicationFolder } from '../application.ts';
import { home } from '../home.ts';
import type { Failure } from '../contract/result.ts';
import { startLibrary, type Library } from '../rpc/library.ts';
import { startFromHere } from '../rpc/parent.ts';
import { exitCodes } from './exit.ts';
import { message } from './terminal.ts';

/** Aborted by the first Ctrl-C; the second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}

/** Bytes of a catalog that takes long: of some 40,000 photos. A small one that is late is on a busy machine. */
const largeBytes = 1e8;

function isLarge(folder: string): boolean {
  const facts = statSync(join(folder, 'catalog.sqlite'), { throwIfNoEntry: false });
  return facts !== undefined && facts.size >= largeBytes;
}

const stillOpening =
  'Still opening the library. The first time after an update, after damage or with another model, a large one takes minutes.';

const ended = new Set(['process-ended', 'not-open', 'closed', 'no-job', 'cancelled']);

/** Whether a failure is the interruption itself: a signal may reach our processes before we can close them. */
export function isInterruption(failure: unknown, interrupted: AbortSignal): boolean {
  const code = (failure as { code?: unknown } | null)?.code;
  return interrupted.aborted && typeof code === 'string' && ended.has(code);
}

/** A command that was interrupted has this long to put away what it has; outputs are whole or not there at all. */
const endsWithinMs = 10_000;

/** Rejects that long after the interruption. */
function abandoned(interrupted: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = () =>
      setTimeout(() => reject(new SaccadeError('cancelled', 'Interrupted.')), endsWithinMs).unref();
    if (interrupted.aborted) give();
    else interrupted.addEventListener('abort', give, { once: true });
  });
}

/**
 * `remember`: false for a library that is gone with the process. `home`: a data folder of its own, which computes with
 * what is installed in the user's.
 */
export async function withLibrary<T>(
  work: (library: Library, interrupted: AbortSignal) => Promise<T>,
  options: { remember?: boolean; window?: boolean; compute?: boolean; home?: string } = {},
): Promise<T> {
  const interrupted = interruption();
  const library = startLibrary(startFromHere, {
    models: join(home(), 'models'),
    builtInModel: join(applicationFolder(), 'models', 'starter'),
    ...options,
    // An option that is there and undefined is the user's own too.
    home: options.home ?? home(),
    onLate: () => void (isLarge(options.home ?? home()) && message(stillOpening)),
  });
  library.onEvent((name, payload) => {
    if (interrupted.aborted) return;
    if (name === 'notice') message((payload as { failure: Failure }).failure.message);
    if (name === 'process.restarted') {
      const { process: ended, reason } = payload as { process: string; reason: string };
      message(`The ${ended} process ${reason}; it was started again.`);
    }
  });
  try {
    return await Promise.race([work(library, interrupted), abandoned(interrupted)]);
  } catch (error) {
    if (!isInterruption(error, interrupted)) throw error;
    throw new SaccadeError('cancelled', 'Interrupted.', { cause: error });
  } finally {
    await library.close();
  }
}
