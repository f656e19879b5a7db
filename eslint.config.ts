import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import importX from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/** Who may import what: renderer → main/contract/verbs.ts and entities (types only) and models/overlay; main → models; models → nothing of ours. */
const noScreens = ['components', 'public', 'state', 'styles', 'words'];
const screens = readdirSync(join(import.meta.dirname, 'renderer'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !noScreens.includes(entry.name))
  .map(({ name }) => `./renderer/${name}`);
const directions = [
  { target: './models', from: ['./main', './renderer'] },
  { target: './main', from: ['./renderer'] },
  { target: './main/decode', from: ['./main/library', './main/inference', './main/serve', './main/shell'] },
  { target: './main/rpc', from: ['./main/library', './main/inference', './main/serve', './main/shell'] },
  {
    target: './main/inference',
    from: ['./main/library', './main/providers', './main/serve', './main/shell'],
  },
  { target: './main/providers', from: ['./main/library', './main/serve', './main/shell'] },
  { target: './main/hub', from: ['./main/library', './main/inference', './main/serve', './main/shell'] },
  { target: './main/library', from: ['./main/serve', './main/shell'] },
  { target: './main/broker', from: ['./main/library', './main/inference', './main/serve', './main/shell'] },
  { target: './main/serve', from: ['./main/shell'] },
  { target: './main/shell', from: ['./main/serve'] },
  { target: './main/contract', from: ['./main'], except: ['./contract'] },
  // What screens share knows none of them, and they don't know one another; words know nothing but words.
  { target: './renderer/components', from: screens },
  ...screens.map((target) => ({ target, from: screens.filter((other) => other !== target) })),
  { target: './renderer/words', from: [...screens, './renderer/components', './renderer/state'] },
  {
    target: './renderer',
    from: ['./main', './models'],
    except: [
      './contract',
      './overlay',
      './manifest.ts',
      './manifest-values.ts',
      './weights/encode-safetensors.ts',
    ],
  },
];

export default tseslint.config(
  { ignores: ['node_modules', 'out', 'dist', 'release', 'test-results', 'models/onnx/generated'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.svelte'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: directions }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'electron',
              message: 'Only main/desktop.ts, main/preload.ts and main/shell/ may import electron.',
            },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    // State is replaced whole ($state.raw): maps and sets in it are never changed in place.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['main/desktop.ts', 'main/preload.ts', 'main/shell/**/*.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
