/**
 * Every field of a configuration that Saccade knows. `used`: it decides something, or is held against the tensors.
 * `harmless`: it changes no answer. Refused: it changes answers in a way that is not built, unless it has one of the
 * values that stand here. A field that stands nowhere is refused by name: what it changes nobody knows.
 */
import { isDeepStrictEqual } from 'node:util';
import { basename } from 'node:path';
import { SaccadeError } from '../error.ts';
import type { Fields } from './parse.ts';

export type Use = 'used' | 'harmless' | { refusedUnless: unknown[] };

const each = (use: Use, names: string): Record<string, Use> =>
  Object.fromEntries(names.split(/\s+/).filter(Boolean).map((name) => [name, use])); // prettier-ignore
const used = (names: string) => each('used', names);
const harmless = (names: string) => each('harmless', names);
const refused = (names: string, ...refusedUnless: unknown[]) => each({ refusedUnless }, names);

/** What every configuration of transformers may carry (PretrainedConfig): notes, training, text generation. */
const transformers = {
  ...harmless(`_name_or_path _commit_hash _attn_implementation _attn_implementation_autoset attn_implementation
    name_or_path architectures transformers_version torch_dtype dtype use_bfloat16 finetuning_task task_specific_params
    tokenizer_class prefix bos_token_id pad_token_id eos_token_id sep_token_id decoder_start_token_id cls_token_id
    output_attentions output_hidden_states output_scores return_dict return_dict_in_generate use_return_dict use_cache
    torchscript tie_word_embeddings is_encoder_decoder cross_attention_hidden_size tie_encoder_decoder max_length
    min_length do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p
    repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids
    num_return_sequences forced_bos_token_id forced_eos_token_id remove_invalid_values exponential_decay_length_penalty
    suppress_tokens begin_suppress_tokens chunk_size_feed_forward tf_legacy_loss gradient_checkpointing
    initializer_range hidden_dropout_prob attention_probs_dropout_prob drop_path_rate encoder_stride pooler_output_size
    pooler_act layerscale_value use_mask_token semantic_loss_ignore_index out_features out_indices stage_names
    reshape_hidden_states apply_layernorm`),
  ...refused('is_decoder add_cross_attention', false),
  ...refused('pruned_heads', {}),
  ...refused('quantization_config auto_map'),
};

const timm = used('architecture num_classes global_pool model_args label_names label_descriptions labels');
const timmNotes = harmless('num_features head_hidden_size tag');
/** Of timm_wrapper, as transformers writes timm's models. */
const wrapper = {
  ...used('model_type id2label label2id num_labels problem_type'),
  ...harmless('do_pooling'),
};
const data = {
  ...used('input_size interpolation crop_pct crop_mode mean std license label_names label_descriptions'),
  ...harmless(`tag url file hf_hub_id hf_hub_filename source custom_load state_dict origin_url paper_ids paper_name notes
    num_classes fixed_input_size min_input_size pool_size test_input_size test_crop_pct first_conv classifier
    architecture hf_hub_revision`),
  ...refused('label_offset crop_border_pixels', 0),
};

export const fields = {
  huggingface: {
    ...transformers,
    ...used(`model_type hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act layer_norm_eps
      image_size patch_size num_channels qkv_bias id2label label2id num_labels problem_type mlp_ratio use_swiglu_ffn
      num_register_tokens`),
    ...harmless(`mask_ratio norm_pix_loss decoder_hidden_size decoder_intermediate_size decoder_num_attention_heads
      decoder_num_hidden_layers`),
  },
  preprocessor: {
    ...used(`image_processor_type feature_extractor_type do_resize size resample do_rescale rescale_factor
      do_center_crop crop_size crop_pct do_normalize image_mean image_std default_to_square`),
    ...harmless(`_valid_processor_keys _processor_class processor_class do_convert_rgb data_format input_data_format
      device return_tensors disable_grouping do_reduce_labels reduce_labels image_seq_length`),
    ...refused(
      'do_flip_channel_order do_pad do_color_quantize do_thumbnail do_align_long_axis rescale_offset include_top',
      false,
    ),
    ...refused('keep_aspect_ratio do_split_image do_grayscale', false),
    ...refused('ensure_multiple_of size_divisor pad_size auto_map'),
  },
  timm: { ...transformers, ...timm, ...timmNotes, ...wrapper, ...used('pretrained_cfg') },
  'timm pretrained_cfg': data,
  'timm flat': { ...data, ...timm, ...timmNotes },
  'timm model_args': {
    ...used(`num_heads act_layer norm_layer global_pool img_size patch_size in_chans num_classes embed_dim depth
      mlp_ratio qkv_bias class_token reg_tokens pre_norm fc_norm`),
    ...harmless(`init_values no_embed_class drop_rate pos_drop_rate patch_drop_rate proj_drop_rate attn_drop_rate
      drop_path_rate weight_init fix_init dynamic_img_size strict_img_size device dtype pretrained distilled`),
    ...refused('qk_norm scale_attn_norm scale_mlp_norm scale_norm pool_include_prefix dynamic_img_pad features_only', false), // prettier-ignore
    ...refused('proj_bias final_norm', true),
    ...refused('pos_embed', 'learn'),
    ...refused('attn_layer', '', 'attn'),
    ...refused('embed_layer embed_norm_layer block_fn mlp_layer'),
  },
  clip: {
    ...transformers,
    ...used('model_type vision_config text_config'),
    ...harmless(
      'projection_dim logit_scale_init_value initializer_factor vision_config_dict text_config_dict',
    ),
  },
  'clip vision_config': {
    ...transformers,
    ...used(`hidden_size num_hidden_layers num_attention_heads hidden_act layer_norm_eps image_size patch_size
      num_channels`),
    ...harmless('model_type intermediate_size projection_dim dropout attention_dropout initializer_factor'),
  },
  'clip text_config': {
    ...transformers,
    ...used(
      'hidden_size num_hidden_layers num_attention_heads hidden_act layer_norm_eps max_position_embeddings',
    ),
    ...harmless(
      `model_type intermediate_size projection_dim dropout attention_dropout initializer_factor vocab_size`,
    ),
  },
  siglip: {
    ...transformers,
    ...used('model_type vision_config text_config id2label label2id num_labels problem_type'),
    ...harmless('initializer_factor'),
  },
  'siglip vision_config': {
    ...transformers,
    ...used(`hidden_size num_hidden_layers num_attention_heads hidden_act layer_norm_eps image_size patch_size
      num_channels`),
    ...harmless('model_type intermediate_size attention_dropout'),
    ...refused('vision_use_head', true),
  },
  'siglip text_config': {
    ...transformers,
    ...used(
      'hidden_size num_hidden_layers num_attention_heads hidden_act layer_norm_eps max_position_embeddings',
    ),
    ...harmless('model_type intermediate_size attention_dropout vocab_size projection_size'),
  },
  open_clip: used('model_cfg preprocess_cfg'),
  'open_clip model_cfg': {
    ...used('quick_gelu vision_cfg text_cfg'),
    ...harmless('embed_dim init_logit_scale custom_text'),
  },
  'open_clip preprocess_cfg': {
    ...used('mean std interpolation resize_mode'),
    ...harmless('fill_color size mode'),
  },
  'open_clip vision_cfg': {
    ...used('image_size layers width head_width patch_size'),
    ...harmless('mlp_ratio patch_dropout'),
    ...refused('ls_init_value timm_model_name'),
    ...refused(
      'attentional_pool global_average_pool input_patchnorm no_ln_pre final_ln_after_pool output_tokens',
      false,
    ),
    ...refused('pool_type', 'tok'),
    ...refused('pos_embed_type', 'learnable'),
  },
  'open_clip text_cfg': {
    ...used('context_length width heads layers'),
    ...harmless('vocab_size mlp_ratio'),
    ...refused('ls_init_value hf_model_name hf_tokenizer_name tokenizer_kwargs'),
    ...refused('embed_cls output_tokens no_causal_mask final_ln_after_pool proj_bias', false),
    ...refused('pool_type', 'argmax'),
  },
  source: {
    ...used(`img_size patch_size in_ch num_classes emb_dim ff_dim num_layers num_heads activation norm layer_norm_eps
      labels mean std interpolation`),
    ...harmless('architecture dropout'),
  },
} satisfies Record<string, Record<string, Use>>;

export type Format = keyof typeof fields;

/** @throws SaccadeError `unknown-field` naming what is refused or not known */
export function checkFields(format: Format, file: Fields): void {
  const table: Record<string, Use> = fields[format];
  for (const name of Object.keys(file.values)) {
    if (!file.has(name)) continue;
    const value = file.values[name];
    const use = Object.hasOwn(table, name) ? table[name]! : null;
    if (use === 'used' || use === 'harmless') continue;
    if (use?.refusedUnless.some((accepted) => isDeepStrictEqual(accepted, value))) continue;
    const said = `${basename(file.file)} says "${name}": ${JSON.stringify(value)?.slice(0, 120)}`;
    throw new SaccadeError(
      'unknown-field',
      use
        ? `${said}, which changes the model's answers in a way that Saccade does not build${use.refusedUnless.length ? ` (it can be ${use.refusedUnless.map((accepted) => JSON.stringify(accepted)).join(' or ')})` : ''}. Export the model to ONNX, or choose another one.`
        : `${said}, a field that Saccade does not know, so it can't tell whether answers would be right. If it changes nothing about them, take it out of the file and import the model again.`,
    );
  }
}
