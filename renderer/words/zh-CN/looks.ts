/** 标签看的是什么，简体中文。 */
import type { Sayings } from '../en.ts';
import type { looks as english } from '../en/looks.ts';
import { n, photos } from './numbers.ts';

export const looks: Sayings<typeof english> = {
  looks: '标签看什么',
  looksTitle: (label) => `“${label}”看的是什么`,
  looksAtLabel: (label) => `“${label}”看的是什么`,
  looksWhere: '一个标签',
  looksCompare: '比较图',
  looksLabel: '标签',
  looksSet: '标签集',
  looksLabelWith: (label, many) => `${label}（${n(many)}）`,
  looksSetNone: (name) => `“${name}”没有给这些照片任何标签`,
  looksSetNoneText:
    '标签集根据模型所见给出标签。请先用所选模型给照片分类；较早版本分过的照片可能需要重新分类。',
  looksNone: '没有可看的标签',
  looksNoneText: '先给照片分类，之后这里就能查看它们的每个标签。',
  looksKnown: (known, all) =>
    known === all ? `${photos(all)}，证据全部已知。` : `${photos(all)}，已知其中 ${n(known)} 张的证据。`,
  looksUnknown: (all) => `${all}有此标签。运行只保存模型自带首选标签的证据；此标签需要模型再看一遍。`,
  looksFind: (many) => `再看 ${n(many)} 张`,
  looksFindSpecial: '看几张，了解特殊词元',
  looksFinding: (done, total) => `正在看：${n(done)} / ${n(total)}`,
  looksFailed: (failed) => `${photos(failed)}无法查看。`,
  looksMeaning:
    '证据是各图块经注意力直接加到此标签 logit 上（或从中减去）的量。它是精确的，但仅此而已：图块告诉别的图块的，以及 MLP 由此得出的，都不在其中。',
  looksMean: '平均图',
  looksMeanHint: (many) => `${many}的平均证据，按模型输入的位置；不是某一张照片`,
  looksUnit: '每图块的 logit',
  looksFigures: '全部数字',
  looksPlace: '位置',
  looksShare: '此处',
  looksUsual: '其他标签',
  looksEven: '若均匀',
  looksMostly: '多半在此的照片',

  placeTopLeft: '左上角',
  placeTopRight: '右上角',
  placeBottomLeft: '左下角',
  placeBottomRight: '右下角',
  placeTop: '上边缘',
  placeRight: '右边缘',
  placeBottom: '下边缘',
  placeLeft: '左边缘',
  placeOutside: '中部以外',
  placeCropped: '照片被裁切的边缘',
  placeSpecial: '特殊词元（占 logit）',

  findPlace: (share, place, against) => `${share} 的证据位于${place}；${against}。`,
  findAgainst: (usual, even) => `其他标签的证据为 ${usual}，若均匀分布则为 ${even}`,
  findAgainstEven: (even) => `若均匀分布则为 ${even}`,
  findMostly: (mostly, all) => `${photos(all)}中有 ${n(mostly)} 张，一半以上的证据在那里。`,
  findSpecial: (share, many) => `特殊词元不对应照片的任何位置，却带来 ${share} 的 logit（${photos(many)}）。`,
  findNothing: '没有异常：没有哪个角、边缘或裁切边的证据多于偶然和其他标签所能解释的。',
  findTooFew: '不足八张照片，无法判断有无异常。',
  findMostIn: (share, place) => `最多的是${place}，为 ${share}。`,
  findLikeOthers: (correlation) =>
    `它的证据大体位于其他标签的证据所在之处（平均图的秩相关 ${correlation}）：位置本身说明不了此标签多少。`,
  findUnlikeOthers: (correlation) => `它的证据所在之处与其他标签不同（平均图的秩相关 ${correlation}）。`,
  findNoOthers: '没有其他标签的证据可供比较。',
  findOthersOfModel: '其他标签是模型自带的标签。',

  speakFor: '最支持它的',
  speakForText: '它的照片中最强的图块，每张最多两块，以及各自加到 logit 上的量。',
  speakAgainst: '最反对它的',
  speakAgainstText: '来自仍然得到此标签的照片。',
  speakNone: '没有图块达到 0.01 logit。',
  cropName: (photo, value, row, column) => `${photo}：${value}，第 ${n(row)} 行第 ${n(column)} 列`,
  cropShare: (value, share) => `${value}，占 logit 的 ${share}`,

  unusual: '证据位置不寻常的照片',
  unusualText:
    '按有多少证据位于此标签通常没有证据之处排序：标签可能对了，理由却错了。强的图块最为重要。比例高只说明值得一看，并不等于错误。',
  unusualFrom: '至少',
  unusualShare: (share) => `${share} 在别处`,

  compareLeft: '左',
  compareRight: '右',
  compareMapsText:
    '两套标签或两个模型看同样的照片，各图针对各自的首选标签。差别最大的照片排在前面。有差别并不说明谁对。',
  compareMapsOf: (compared, median) => `比较了 ${compared}；秩相关的中位数为 ${median}。`,
  compareMapsUnknown: (many) => `${many}缺少两张图中的一张。`,
  compareMapsNone: '没有照片同时有两张图',
  compareMapsNoneText: '请用两个模型给同样的照片分类，或让模型为某套标签查看照片。',
  compareMapsLook: (name) => `为“${name}”查看`,
  compareCorrelation: (value) => `秩相关 ${value}`,
};
