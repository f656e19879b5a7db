import type { Moved } from '../../main/contract/entities/review.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

export interface Asked {
  selection: Selection;
  photos: number;
  /** To the trash; false: to a folder that is asked for. */
  trash: boolean;
  /** RAW files of the same shots stay. */
  alone?: boolean;
}

/** Photos that are to go to a folder or the trash: a question first, then what became of it. */
export class Moving {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  readonly #done: (moved: Moved, selection: Selection) => void;
  /** Null: nothing is asked. */
  asked: Asked | null = $state.raw(null);
  busy = $state(false);
  /** Files that stayed where they were, with why. */
  failed: Moved['failed'] = $state.raw([]);

  constructor(
    bridge: Bridge,
    fail: (failure: Failure) => void,
    done: (moved: Moved, selection: Selection) => void,
  ) {
    this.#bridge = bridge;
    this.#fail = fail;
    this.#done = done;
  }
  ask(asked: Asked): void {
    this.failed = [];
    this.asked = asked;
  }
  close(): void {
    this.asked = null;
  }
  /** `folder`: where that is asked for. */
  async go(folder: string): Promise<void> {
    const { asked } = this;
    if (!asked || this.busy) return;
    const { selection, alone } = asked;
    this.busy = true;
    const answer: Result<Moved> = asked.trash
      ? await this.#bridge.ask('photos.trash', { selection, alone })
      : await this.#bridge.ask('photos.move', { selection, alone, folder });
    this.busy = false;
    if (!answer.ok) return this.#fail(answer.error);
    this.failed = answer.value.failed;
    // What stayed is told where it was asked.
    if (this.failed.length === 0) this.asked = null;
    this.#done(answer.value, selection);
  }
}
