/**
 * What transformers 5 calls the parts of ViT, ViT-MSN, DeiT, masked autoencoders and DINOv2 while they compute: names
 * of a state dict that something else than `save_pretrained` wrote. That turns them into those of the published files
 * (transformers, conversion_mapping.py).
 */
const renamed: [RegExp, string][] = [
  [/^(\w+\.)?layers\.(\d+)\.mlp\.fc1\./, '$1encoder.layer.$2.intermediate.dense.'],
  [/^(\w+\.)?layers\.(\d+)\.mlp\.fc2\./, '$1encoder.layer.$2.output.dense.'],
  [/^(\w+\.)?layers\.(\d+)\.(?=attention\.|layernorm_)/, '$1encoder.layer.$2.'],
  [/(encoder\.layer\.\d+\.attention\.)q_proj\./, '$1attention.query.'],
  [/(encoder\.layer\.\d+\.attention\.)k_proj\./, '$1attention.key.'],
  [/(encoder\.layer\.\d+\.attention\.)v_proj\./, '$1attention.value.'],
  [/(encoder\.layer\.\d+\.attention\.)o_proj\./, '$1output.dense.'],
];

/** `save_pretrained` of a ViT-MSN classifier leaves its blocks without the prefix that all else has (5.18). */
const lostPrefix = (names: readonly string[]) =>
  names.includes('vit.embeddings.cls_token') ? /^(?=encoder\.layer\.)/ : null;

/** The names as published files have them, in the same order; as they are where two would become one. */
export function asPublished(names: readonly string[]): string[] {
  const lost = lostPrefix(names);
  const published = names.map((name) => {
    const full = lost ? name.replace(lost, 'vit.') : name;
    return renamed.reduce((each, [found, instead]) => each.replace(found, instead), full);
  });
  return new Set(published).size === names.length ? published : [...names];
}
