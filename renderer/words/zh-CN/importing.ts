/** 模型文件没有说明的内容，简体中文。 */
import type { Sayings } from '../en.ts';
import type { importing as english } from '../en/importing.ts';
import { n } from './numbers.ts';

export const importing: Sayings<typeof english> = {
  openTitle: '文件中没有说明的几项',
  openText: '模型可以读取。这里所问的会影响它的回答：请按模型页面或训练者的说明填写。',
  answerOpen: '填写…',
  openKnown: (what) => `文件中已有：${what}`,
  knownInput: (width, height) => `输入 ${width} × ${height} 像素`,
  fieldHeads: '注意力头数',
  fieldHeadsText: '有多少个头共用各列。ViT-Tiny 为 3，Small 为 6，Base 为 12，Large 为 16。',
  fieldSize: '输入尺寸',
  fieldSizeText: '文件接受任意尺寸的图片，而模型是按某一尺寸训练的。',
  fieldMean: '均值',
  fieldMeanText: '从每个通道中减去（数值范围为 0 到 1）。选一种常用的可同时填好两项：',
  fieldStd: '标准差',
  fieldStdText: '减去均值后，每个通道各除以它。',
  usualImagenet: 'ImageNet 的',
  usualHalf: '均为 0.5',
  usualClip: 'CLIP 的',
  usualNone: '保持原值',
  red: '红',
  green: '绿',
  blue: '蓝',
  fieldResize: '照片如何缩放',
  fieldResizeText: '在裁剪之前。',
  resizeModeShortest: '短边缩放至',
  resizeModeLongest: '长边缩放至（补边）',
  resizeModeExact: '两边缩放至',
  height: '高',
  width: '宽',
  heightByWidth: '像素，高 × 宽',
  fieldFilter: '缩放滤波器',
  fieldFilterText: '多数模型以 bicubic（双三次）或 bilinear（双线性）训练。',
  fieldCrop: '从中间裁剪',
  fieldCropText: '在缩放之后。留空则不裁剪；若缩放的是短边，则裁成模型的输入尺寸。',
  fieldLabels: '类别名称',
  fieldLabelsText: (classes) =>
    classes === null
      ? '按模型的顺序每行一个，或为 JSON。'
      : `模型区分 ${n(classes)} 个类别。按其顺序每行一个名称，或为 JSON。`,
  imagenetNames: 'ImageNet-1k 的 1,000 个名称',
  namesGiven: (given, expected) =>
    expected === null ? `${n(given)} 个名称` : `${n(given)} 个名称，应为 ${n(expected)} 个`,
};
