/** 各处共用的文字，简体中文。 */
import type { Sayings } from '../en.ts';
import type { common as english } from '../en/common.ts';
import { photos } from './numbers.ts';
import { told } from '../zh-CN-told.ts';
import { failureTitles } from '../zh-CN-failures.ts';

export const common: Sayings<typeof english> = {
  library: '图库',
  models: '模型',
  settings: '设置',
  keys: '键盘快捷键',
  about: '关于 Saccade',
  folders: '文件夹',
  labels: '标签',
  status: '状态',
  allPhotos: '全部照片',
  photos,
  close: '关闭',
  cancel: '取消',
  back: '返回图库',
  more: '显示更多',
  loading: '正在载入…',
  stillOpening: '仍在打开图库。更新后或损坏后首次打开时，照片很多的图库需要几分钟。',
  tryAgain: '重试',
  dismiss: '知道了',
  itemActions: (name) => `“${name}”的操作`,
  skipToPhotos: '跳到照片',
  colon: '：',
  told,
  commands: '查找命令',
  commandSearch: '你想做什么？',
  commandNone: '没有这个命令',

  failure: (code, message) => {
    const title = failureTitles[code];
    return title ? `${title}（${told(message)}）` : told(message);
  },
};
