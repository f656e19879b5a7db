/** Breaking files on purpose, the same way for the same seed. */
import { pick, type Random } from '../main/broker/requests.ts';

const nasty = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x7b, 0x5b];

/** A copy with a few bytes flipped, cut out, repeated or set to values that break readers. */
export function brokenBytes(random: Random, original: Uint8Array, within = original.length): Uint8Array {
  let bytes = original.slice();
  const at = () => Math.floor(random() * Math.min(within, bytes.length));
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const way = random();
    if (way < 0.4) bytes[at()] = pick(random, nasty);
    else if (way < 0.6) bytes[at()]! ^= 1 << Math.floor(random() * 8);
    else if (way < 0.75) bytes = bytes.slice(0, at());
    else if (way < 0.9) {
      const from = at();
      bytes = Uint8Array.from([...bytes.slice(0, from), ...bytes.slice(from + Math.floor(random() * 16))]);
    } else new DataView(bytes.buffer).setBigUint64(Math.min(at(), Math.max(0, bytes.length - 8)), BigInt(Math.floor(random() * 2 ** 53)), true); // prettier-ignore
    if (bytes.length < 8) return bytes;
  }
  return bytes;
}

const rubbish: unknown[] = [
  null,
  -1,
  0,
  1e300,
  2 ** 53,
  '',
  '../../x',
  [],
  {},
  [[]],
  true,
  'x'.repeat(5000),
  0.5,
];

/** A copy of a JSON value with one of its parts replaced, removed or doubled. */
export function brokenJson(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(random, rubbish);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (keys.length === 0) return pick(random, rubbish);
  const key = pick(random, keys);
  const way = random();
  if (way < 0.2) delete copy[key];
  else copy[key] = brokenJson(random, copy[key]);
  return copy;
}
