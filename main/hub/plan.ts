import { SaccadeError } from '../../models/error.ts';
import type { HubClient } from './client.ts';
import { startHash } from './hash.ts';
import { PassingError, patiently } from './patience.ts';
import { fileAddress, proposedConversion, readAll, resolveRepository } from './repository.ts';
import type { HubFile, HubRepository } from './repository.ts';
import { request } from './request.ts';

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';
/** open_clip's own layout: weights and what they are. */
const openClip = ['open_clip_model.safetensors', 'open_clip_config.json'] as const;
const beside =
  /^((open_clip_|(pre)?processor_)?config\.json|tokenizer(_config)?\.json|vocab\.json|merges\.txt|README\.md|LICEN[CS]E(\.md|\.txt)?)$/i;
/** What `tokenizer.json` holds too. */
const tokenizerParts = ['vocab.json', 'merges.txt'];
const otherWeights = /\.(bin|pth|pt|h5|msgpack|ckpt|onnx|npz|safetensors)$/;

/**
 * Finds out, before anything is written, which files of a repository make a model: the weights as safetensors, whole
 * or in shards or as open_clip names them, and what stands beside them. Small files come first.
 * @throws SaccadeError `hub-no-safetensors`, `hub-no-config`, `hub-not-found`, `hub-gated`, …
 */
export async function planDownload(
  client: HubClient,
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<HubRepository> {
  const found = await resolveRepository(client, repository, revision, signal);
  const byName = new Map(found.files.map((file) => [file.path, file]));
  const usual = byName.has(single) || byName.has(index);
  if (!usual && !byName.has(openClip[0])) throw await noSafetensors(client, found, revision, signal);
  const described = usual && byName.has('config.json');
  const isOpenClip = !described && openClip.every((name) => byName.has(name));
  if (!described && !isOpenClip)
    throw new SaccadeError(
      'hub-no-config',
      `${repository} has weights but no ${usual ? 'config.json' : openClip[1]}, so nobody knows what model they make. Fetch the weights yourself and import them: what their shapes do not show is asked for by name.`,
    );
  const twice = byName.has('tokenizer.json') ? tokenizerParts : [];
  const small = found.files.filter(({ path }) => beside.test(path) && !twice.includes(path));
  const name = isOpenClip ? openClip[0] : single;
  const weights = byName.has(name)
    ? [byName.get(name)!]
    : await shards(client, found, byName, byName.get(index)!, signal);
  return { ...found, files: [...small, ...weights] };
}

async function noSafetensors(
  client: HubClient,
  { repository, files }: HubRepository,
  revision: string,
  signal: AbortSignal,
): Promise<SaccadeError> {
  const others = files.map(({ path }) => path).filter((path) => otherWeights.test(path));
  const found = others.length > 0 ? `found ${others.slice(0, 5).join(', ')}` : 'found no weights';
  // A hint only: whatever goes wrong with it must not hide the reason.
  const proposal = await proposedConversion(client, repository, signal).catch(() => null);
  signal.throwIfAborted();
  const advice =
    proposal && proposal !== revision
      ? `Hugging Face's conversion robot proposes a safetensors copy, which the owner has not accepted; to take it all the same, ask for ${repository}@${proposal}.`
      : 'PyTorch files can run code when read and are not accepted: choose another repository, or convert it yourself and import the folder.';
  return new SaccadeError(
    'hub-no-safetensors',
    `Expected ${single} in ${repository}@${revision}; ${found}. Nothing was downloaded. ${advice}`,
  );
}

/** Reads the index of a model in shards. */
async function shards(
  client: HubClient,
  found: HubRepository,
  byName: Map<string, HubFile>,
  file: HubFile,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const bad = (what: string) =>
    new SaccadeError('bad-weights-index', `${index} of ${found.repository} should list the shards: ${what}`);
  let names: unknown[];
  try {
    const { weight_map: map } = JSON.parse(await readSmall(client, found, file, signal)) as {
      weight_map?: unknown;
    };
    if (typeof map !== 'object' || map === null) throw bad('expected an object "weight_map".');
    names = [...new Set(Object.values(map))];
  } catch (error) {
    if (error instanceof SyntaxError) throw bad('it is not JSON.');
    throw error;
  }
  const parts = names.map((name) => {
    const part = typeof name === 'string' ? byName.get(name) : undefined;
    if (!part) throw bad(`${JSON.stringify(name)} is named there, but is not in the repository.`);
    return part;
  });
  return [file, ...parts];
}

function readSmall(
  client: HubClient,
  found: HubRepository,
  file: HubFile,
  signal: AbortSignal,
): Promise<string> {
  const what = `${file.path} of ${found.repository}`;
  return patiently(client.patience, signal, async () => {
    const response = await request(client, fileAddress(client, found, file.path), { signal, what });
    const content = await readAll(client, response, what, signal, file.bytes);
    const { kind, hex } = file.hash;
    if (startHash(kind, content.length).update(content).digest('hex') !== hex)
      throw new PassingError(
        'hub-wrong-hash',
        `${what} is not what the Hub says it is. Try again, or check HF_ENDPOINT and the proxy.`,
      );
    return content.toString('utf8');
  });
}
