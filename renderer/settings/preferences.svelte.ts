import type { Request } from '../../main/contract/verbs.ts';
import type { ProviderReport } from '../../main/contract/entities/placement.ts';
import type { Settings } from '../../main/contract/entities/settings.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** The settings the library keeps, and what the machine has to compute with. */
export class Preferences {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  settings = $state.raw<Settings | null>(null);
  /** Null until asked. */
  providers = $state.raw<readonly ProviderReport[] | null>(null);
  measuring = $state(false);

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  async refresh(): Promise<Failure | null> {
    const answer = await this.#bridge.ask('settings.get', {});
    if (answer.ok) this.settings = answer.value;
    return answer.ok ? null : answer.error;
  }
  /** Shown at once, and taken back where it is refused. */
  async change(change: Request<'settings.set'>): Promise<void> {
    const before = this.settings;
    if (before) this.settings = { ...before, ...change } as Settings;
    const answer = await this.#bridge.ask('settings.set', change);
    if (answer.ok) this.settings = answer.value;
    else {
      this.settings = before;
      this.#fail(answer.error);
    }
  }
  async listProviders(measure: boolean): Promise<void> {
    this.measuring = measure;
    const answer = await this.#bridge.ask('providers.list', { measure });
    this.measuring = false;
    if (answer.ok) this.providers = answer.value.items;
    else this.#fail(answer.error);
  }
}
