/** 按键列表，简体中文。 */
import type { Sayings } from '../en.ts';
import type { keys as english } from '../en/keys.ts';

export const keys: Sayings<typeof english> = {
  keyMove: '在照片间移动',
  keyStep: '上一张、下一张照片',
  keyOpen: '查看照片',
  keyBack: '返回',
  keyOverlay: '显示或隐藏叠加图',
  keyLayer: '上一层、下一层',
  keyHeads: '全部注意力头',
  keyMethod: '切换图的种类',
  keyClass: '选择要解释的类别',
  keySearch: '搜索',
  keyRun: '开始或暂停分类',
  keyCommands: '按名称查找命令',
  keyLabelling: '给照片打标签',
  keySuggestion: '给出对应的标签',
  keyAlso: '追加标签并停留',
  keyTakeBack: '撤销并回到那张照片',
  keyHelp: '本列表',
  keyExtend: '选择一段',
  keyToggle: '加入选择',
  keyAll: '全选',
  keyZoom: '放大、缩小、适合窗口',
  keyPan: '移动放大后的照片',
  keysInGrid: '图库',
  keysInInspector: '查看照片',
  keysEverywhere: '任何地方',
  keySpace: '空格',
  keyArrows: '方向键',
};
