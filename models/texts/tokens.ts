/**
 * Texts as the numbers that a text tower reads: the model's own tokeniser, from `tokenizer.json`, or from the older
 * `vocab.json` and `merges.txt` of CLIP's byte-pair encoding (Radford et al. 2021; openai/CLIP, clip/simple_tokenizer.py).
 */
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { FilledTexts } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { fileIn, largest, readIn } from '../folder.ts';

export interface Tokens {
  /** [texts, positions], after the end of a text zeros, or what fills it. */
  ids: BigInt64Array;
  /** [texts]: place of the token of each text that the tower reads: at its end, or the last of all. */
  ends: BigInt64Array;
  /** Which texts were longer than the tower reads and were cut. */
  cut: number[];
  /** Which texts have no words. */
  empty: number[];
}

export type Tokenise = (texts: readonly string[]) => Tokens;

const start = '<|startoftext|>';
const end = '<|endoftext|>';

/** Which of a folder's files hold the tokeniser, relative to it; null: none. */
export function tokenizerFiles(folder: string): string[] | null {
  const there = (name: string) => fileIn(folder, name, largest.config) !== null;
  if (there('tokenizer.json')) return ['tokenizer.json'];
  return there('vocab.json') && there('merges.txt') ? ['vocab.json', 'merges.txt'] : null;
}

/** What `tokenizer.json` says of CLIP's, around a vocabulary and merges that came alone. */
function fromParts(vocab: Record<string, number>, merges: string): object {
  const special = (content: string) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: true,
    special: true,
  });
  return {
    version: '1.0',
    added_tokens: [special(start), special(end)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end, vocab[end]],
      cls: [start, vocab[start]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: end,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges: merges.split(/\r?\n/).filter((line) => line && !line.startsWith('#version')), // prettier-ignore
    },
  };
}

function readTokenizer(folder: string, files: readonly string[]): Tokenizer {
  try {
    const read = (name: string): string => {
      const text = readIn(folder, name, largest.config);
      if (text === null) throw new Error(`${name} is not there`);
      return text;
    };
    const whole = files.includes('tokenizer.json');
    const described = whole
      ? (JSON.parse(read('tokenizer.json')) as object)
      : fromParts(JSON.parse(read('vocab.json')) as Record<string, number>, read('merges.txt'));
    return new Tokenizer(described, {});
  } catch (cause) {
    throw new SaccadeError(
      'bad-tokenizer',
      `Expected the model's tokeniser in ${files.map((name) => join(folder, name)).join(' and ')}; it can't be read: ${(cause as Error).message}. Import the model again.`,
      { cause },
    );
  }
}

/** What SigLIP's own tokeniser takes away (Python's string.punctuation). */
const punctuation = /[!-/:-@[-`{-~]/g;

function spelled(text: string, filled: FilledTexts | undefined): string {
  if (!filled) return text;
  const bare = filled.spelling === 'lower-bare' ? text.replace(punctuation, '').split(/\s+/).join(' ') : text;
  return bare.trim().toLowerCase();
}

/** Id of a token, as of the one that fills texts; null: there is none of that name. @throws SaccadeError `bad-tokenizer` */
export function idOfToken(folder: string, files: readonly string[], token: string): number | null {
  return readTokenizer(folder, files).token_to_id(token) ?? null;
}

/**
 * @param positions most tokens of a text, its first and last among them: what is longer is cut before the last
 * @throws SaccadeError `bad-tokenizer`
 */
export function openTokenizer(
  folder: string,
  files: readonly string[],
  positions: number,
  filled?: FilledTexts,
): Tokenise {
  const tokenizer = readTokenizer(folder, files);
  const around = tokenizer.encode('').ids.length;
  return (texts) => {
    const ids = new BigInt64Array(texts.length * positions).fill(BigInt(filled?.by ?? 0));
    const ends = new BigInt64Array(texts.length);
    const cut: number[] = [];
    const empty: number[] = [];
    for (const [i, text] of texts.entries()) {
      const found = tokenizer.encode(spelled(text, filled)).ids;
      const kept = found.length > positions ? [...found.slice(0, positions - 1), found.at(-1)!] : found;
      if (found.length > positions) cut.push(i);
      if (found.length <= around) empty.push(i);
      ids.set(kept.map(BigInt), i * positions);
      ends[i] = BigInt((filled ? positions : kept.length) - 1);
    }
    return { ids, ends, cut, empty };
  };
}
