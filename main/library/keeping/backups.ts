/** A backup a day of what a person did, the last three kept: an SQLite file, and the same as JSON lines. */
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { applicationVersion } from '../../application.ts';
import { makeFolder } from '../../files.ts';
import { backupsFolder } from '../../home.ts';
import { openBeside } from '../../whole-file.ts';
import type { Catalog } from '../catalog/database.ts';
import { personLines } from './lines.ts';
import { attachPerson, detachPerson } from './person.ts';

const kept = 3;
const hourMs = 3_600_000;

const daily = /^\d{4}-\d{2}-\d{2}\.sqlite$/;

/** By UTC: days follow each other whatever time zone the machine is carried to. */
const utcDayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** The newest first. Those of days to come were written while the clock was wrong: there is no telling when. */
export function listBackups(home: string, now = new Date()): string[] {
  const folder = backupsFolder(home);
  if (!existsSync(folder)) return [];
  const today = utcDayOf(now);
  const isLater = (name: string) => name.slice(0, today.length) > today;
  const names = readdirSync(folder)
    .filter((name) => daily.test(name))
    .sort()
    .reverse();
  return [...names.filter((name) => !isLater(name)), ...names.filter(isLater)].map((name) =>
    join(folder, name),
  );
}

/** Nothing where there is nothing to keep; of a day's backups the last stays. */
export async function writeBackup(catalog: Catalog, home: string, now = new Date()): Promise<void> {
  const folder = backupsFolder(home);
  const counts = attachPerson(catalog);
  try {
    if (Object.values(counts).every((count) => count === 0)) return;
    makeFolder(folder, 0o700);
    const path = join(folder, `${utcDayOf(now)}.sqlite`);
    const lines = await openBeside(path.replace(/sqlite$/, 'jsonl'), 0o600);
    const copy = join(folder, `.saccade-${process.pid}.part`);
    try {
      let waiting = '';
      for (const line of personLines(catalog, `Saccade ${applicationVersion()}`, now)) {
        waiting += line;
        if (waiting.length < 1e6) continue;
        await lines.handle.writeFile(waiting);
        waiting = '';
      }
      await lines.handle.writeFile(waiting);
      await catalog.backup(copy, 'person');
      chmodSync(copy, 0o600);
      renameSync(copy, path);
      await lines.keep();
    } finally {
      await lines.drop();
      rmSync(copy, { force: true });
    }
  } finally {
    if (catalog.isOpen()) detachPerson(catalog);
  }
  for (const old of listBackups(home, now).slice(kept))
    for (const end of ['sqlite', 'jsonl']) rmSync(old.replace(/sqlite$/, end), { force: true });
}

/** Makes today's now where there is none, and looks each hour whether another day has begun. */
export class DailyBackup {
  readonly #catalog: Catalog;
  readonly #home: string;
  readonly #onFailed: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #underway: Promise<void> = Promise.resolve();

  constructor(catalog: Catalog, home: string, onFailed: (error: unknown) => void) {
    this.#catalog = catalog;
    this.#home = home;
    this.#onFailed = onFailed;
    this.#look();
    this.#timer = setInterval(() => this.#look(), hourMs);
    this.#timer.unref();
  }

  /** With what was done since the last. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underway;
    await this.#write();
  }

  #look(): void {
    const today = utcDayOf(new Date());
    const newest = listBackups(this.#home)[0];
    if (newest?.endsWith(`${today}.sqlite`)) return;
    this.#underway = this.#underway.then(() => this.#write());
  }
  async #write(): Promise<void> {
    try {
      await writeBackup(this.#catalog, this.#home);
    } catch (error) {
      this.#onFailed(error);
    }
  }
}
