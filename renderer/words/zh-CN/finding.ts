/** How photos are found: words of a search, labels as a set, months, what cameras wrote, in Simplified Chinese. */
import type { finding as english } from '../en/finding.ts';
import type { Sayings } from '../en.ts';
import { photos } from './numbers.ts';

const fields: Record<string, string> = {
  camera: '相机',
  lens: '镜头',
  year: '年份',
  label: '标签',
  own: '我的标签',
  keyword: '关键词',
  folder: '文件夹',
  status: '状态',
  probability: '置信度',
  place: '地点',
};

export const finding: Sayings<typeof english> = {
  // Search words
  suggestions: '可以搜索的内容',
  suggestionField: (field) => `${fields[field] ?? field}`,
  fieldHint: (field) =>
    ({
      camera: '相机:x100',
      lens: '镜头:50mm',
      year: '年份:2014',
      label: '标签:狗',
      folder: '文件夹:rome',
    })[field] ?? `${fields[field] ?? field}:`,
  unsureWord: '不确定',
  unnamedWord: '未命名',
  damagedWord: '损坏',
  statusDamaged: '已损坏',

  // Where pictures are likely to lie
  pickPlaces: '位置',
  pickPlace: (kind) =>
    ({ pictures: '图片', desktop: '桌面', downloads: '下载', home: '主文件夹' })[kind] ?? `${kind}`,

  // Labels as a set
  anyOf: '任一标签',
  allOf: '全部标签',
  notLabel: (name) => `不含${name}`,
  labelActions: (name) => `“${name}”的操作`,
  onlyLabel: (name) => `只看${name}`,
  alsoLabel: (name) => `也包括${name}`,
  withoutLabel: (name) => `排除${name}`,
  labelRowHint: '单击：只看此标签。Ctrl+单击或 +：也包括。Alt+单击或 −：不含。',

  // Saved searches
  savedSearches: '已保存的搜索',
  saveSearch: '保存此搜索…',
  saveSearchTitle: '保存此搜索',
  renameSearchTitle: (name) => `重命名“${name}”`,
  searchName: '名称',
  searchActions: (name) => `搜索“${name}”的操作`,
  renameSearch: '重命名…',
  removeSearch: '移除',
  actSaveSearch: (names) => `已保存搜索${names}`,
  actRenameSearch: (names) => `已重命名搜索：${names}`,
  actRemoveSearch: (names) => `已移除搜索${names}`,

  // Months
  timeline: '时间轴',
  monthOf: (month, value) => `${month}，${photos(value)}`,

  // What the camera wrote
  detailCamera: '相机',
  detailLens: '镜头',
  detailExposure: '曝光',
  detailPlace: '地点',
  focal: (millimetres, on35) =>
    on35 === null ? `${millimetres} mm` : `${millimetres} mm（等效 35 mm 胶片 ${on35} mm）`,
  exposureTime: (seconds) => `${seconds} 秒`,
  iso: (value) => `ISO ${value}`,
  findCamera: (name) => `显示用 ${name} 拍摄的照片`,
  findLens: (name) => `显示用镜头 ${name} 拍摄的照片`,
  perhapsDamaged: (label, percent) => `${label}？${percent}，文件已损坏`,
};
