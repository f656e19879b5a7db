/**
 * Texts as the numbers that a text tower reads: the model's own tokeniser, from `tokenizer.json`, or from the older
 * `vocab.json` and `merges.txt` of CLIP's byte-pair encoding (Radford et al. 2021; openai/CLIP, clip/simple_tokenizer.py).
 */
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { SaccadeError } from '../error.ts';
import { fileIn, largest, readIn } from '../folder.ts';

export interface Tokens {
  /** [texts, positions], after the end of a text zeros. */
  ids: BigInt64Array;
  /** [texts]: place of the token at the end of each text, which the tower reads. */
  ends: BigInt64Array;
  /** Which texts were longer than the tower reads and were cut. */
  cut: number[];
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
  const special = (content: string) => ({ id: vocab[content], content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: true }); // prettier-ignore
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

/**
 * @param positions most tokens of a text, its first and last among them: what is longer is cut before the last
 * @throws SaccadeError `bad-tokenizer`
 */
export function openTokenizer(folder: string, files: readonly string[], positions: number): Tokenise {
  const tokenizer = readTokenizer(folder, files);
  return (texts) => {
    const ids = new BigInt64Array(texts.length * positions);
    const ends = new BigInt64Array(texts.length);
    const cut: number[] = [];
    for (const [i, text] of texts.entries()) {
      const found = tokenizer.encode(text).ids;
      const kept = found.length > positions ? [...found.slice(0, positions - 1), found.at(-1)!] : found;
      if (found.length > positions) cut.push(i);
      ids.set(kept.map(BigInt), i * positions);
      ends[i] = BigInt(kept.length - 1);
    }
    return { ids, ends, cut };
  };
}
