/** The native binaries of a package by their names: all that one machine needs, and none for another. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const native = /\.(node|dylib|dll|exe)$|\.so(\.|$)/;
const needed = [
  /^onnxruntime-node\/bin\/.*onnxruntime_binding\.node$/,
  /^onnxruntime-node\/bin\/.*(libonnxruntime\.so\.1|libonnxruntime\.1\.dylib|onnxruntime\.dll)$/,
  /^better-sqlite3\/prebuilds\/.*\.node$/,
  /^@img\/sharp-[^/]*\/lib\/sharp-[^/]*\.node$/,
  /^@img\/.*libvips.*\.(so\.[\d.]+|dylib|dll)$/,
];

/** What is wrong with the native files at `modules` (an unpacked node_modules), in sentences; empty: nothing. */
export function closureFaults(modules: string, platform: string, arch: string): string[] {
  const files = readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => native.test(file));
  const machine = new RegExp(`${platform}[-/]${arch}[-./]`);
  const strangers = files.filter((file) => !machine.test(file));
  const missing = needed.filter((pattern) => !files.some((file) => machine.test(file) && pattern.test(file)));
  return [
    ...strangers.map((file) => `${file} is not for ${platform} ${arch}.`),
    ...missing.map(
      (pattern) =>
        `Nothing for ${platform} ${arch} fits ${pattern.source} in ${join(modules)}; ` +
        `"npm install --os=${platform} --cpu=${arch}" brings what is published for it.`,
    ),
  ];
}
