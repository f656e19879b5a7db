/** Texts through the text tower of a model: their embeddings, which lie in the same space as those of photos. */
import { SaccadeError } from '../../../models/error.ts';
import type { VitConfig } from '../../../models/config.ts';
import { readManifest } from '../../../models/load.ts';
import { openTokenizer, type Tokenise, type Tokens } from '../../../models/texts/tokens.ts';
import { buildTextGraph } from '../../../models/texts/tower.ts';
import { checkWeights } from '../../../models/weights/installed.ts';
import type { EmbeddedTexts, TextsRequest } from '../../contract/inference.ts';
import type { Slots } from '../../schedule/slots.ts';
import { collectGarbage } from '../runtime/collect.ts';
import { firstLine, isOutOfMemory } from '../runtime/failures.ts';
import { createCpuSession, type InferenceSession } from '../runtime/inference-session.ts';

interface Tower {
  /** Folder and hash of the weights. */
  key: string;
  session: InferenceSession;
  tokenise: Tokenise;
  positions: number;
  scale: number;
  bias: number | null;
}

/** Texts of one run. */
const atOnce = 32;
/** The last tower stays open as long as a person goes on asking. */
const keptMs = 60_000;

export class TextReader {
  readonly #queue: Slots;
  #tower: Tower | null = null;
  #closing: NodeJS.Timeout | undefined;

  /** @param queue of everything that computes in this process */
  constructor(queue: Slots) {
    this.#queue = queue;
  }

  /**
   * Always on the CPU and in full precision: a text is little work, and a label of thousands of photos hangs on it.
   * @throws SaccadeError `no-text-tower`, `weights-gone`, `weights-changed`, `empty-text`, `bad-tokenizer`, `provider-failed`, `out-of-memory`, as reading weights does
   */
  async read(
    { modelFolder, texts }: TextsRequest,
    { urgent, signal }: { urgent?: boolean; signal?: AbortSignal } = {},
  ): Promise<EmbeddedTexts> {
    const turn = <T>(work: (tower: Tower) => Promise<T>) =>
      this.#queue.run(
        async () => {
          signal?.throwIfAborted();
          return work(await this.#open(modelFolder));
        },
        { urgent },
      );
    const parts: Float32Array[] = [];
    const cut: number[] = [];
    for (let from = 0; from < texts.length; from += atOnce) {
      const some = texts.slice(from, from + atOnce);
      await turn(async ({ tokenise, session, positions }) => {
        const tokens = tokenise(some);
        checkWords(some, tokens);
        cut.push(...tokens.cut.map((i) => from + i));
        parts.push(await embed(session, tokens, positions));
      });
    }
    const { scale, bias, positions } = await turn((tower) => Promise.resolve(tower));
    const width = parts.length ? parts[0]!.length / Math.min(atOnce, texts.length) : 0;
    const embeds = new Float32Array(texts.length * width);
    for (const [i, part] of parts.entries()) embeds.set(part, i * atOnce * width);
    return { embeds, scale, bias, cut, positions };
  }

  async #open(modelFolder: string): Promise<Tower> {
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => void this.#queue.run(() => this.release()), keptMs).unref();
    const manifest = readManifest(modelFolder);
    const key = JSON.stringify([modelFolder, manifest.weights.sha256]);
    if (this.#tower?.key === key) return this.#tower;
    await this.release();
    await checkWeights(modelFolder, manifest);
    const graph = buildTextGraph(modelFolder, manifest);
    if (!graph)
      throw new SaccadeError(
        'no-text-tower',
        `Expected a model that reads texts, as CLIP does; ${manifest.name} sees photos only. Choose one that does, such as clip-base-256 of the catalogue.`,
      );
    const { tokenizer, positions, filled } = (manifest.architecture as unknown as VitConfig).text!;
    const tokenise = openTokenizer(modelFolder, tokenizer, positions, filled);
    const session = await told(() => createCpuSession(graph));
    setImmediate(collectGarbage);
    return (this.#tower = { key, session, tokenise, positions, scale: graph.scale, bias: graph.bias });
  }

  async release(): Promise<void> {
    const tower = this.#tower;
    this.#tower = null;
    await tower?.session.release();
  }
}

function checkWords(texts: readonly string[], { empty: [empty] }: Tokens): void {
  if (empty !== undefined)
    throw new SaccadeError(
      'empty-text',
      `Expected words that say what photos show; found ${texts[empty]!.trim() ? `"${texts[empty]}"` : 'an empty text'}. Write some, such as "a red car".`,
    );
}

/** As many tokens as the longest of these has: nothing behind what is read is seen from there. [texts, F] */
async function embed(
  session: InferenceSession,
  { ids, ends }: Tokens,
  positions: number,
): Promise<Float32Array> {
  const count = ends.length;
  const length = Number(ends.reduce((most, end) => (end > most ? end : most), 0n)) + 1;
  const short = new BigInt64Array(count * length);
  for (let i = 0; i < count; i++) short.set(ids.subarray(i * positions, i * positions + length), i * length);
  const outputs = await told(() =>
    session.run({
      token_ids: { type: 'int64', data: short, dims: [count, length] },
      ends: { type: 'int64', data: ends, dims: [count] },
    }),
  );
  return outputs['text_embeds']!.data;
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isOutOfMemory(cause))
      throw new SaccadeError(
        'out-of-memory',
        'The CPU has too little memory to read texts with this model. Close other programs, or choose a smaller model.',
        { cause },
      );
    throw new SaccadeError('provider-failed', `The CPU failed while reading texts: ${firstLine(cause)}`, {
      cause,
    });
  }
}
