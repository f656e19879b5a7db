/** Words that the system draws and the renderer can't: menus, dialogs, notifications. */
import { app } from 'electron';

const english = {
  file: 'File',
  openFolder: 'Open Folder…',
  importModel: 'Models…',
  settings: 'Settings…',
  quit: 'Quit',
  edit: 'Edit',
  find: 'Find…',
  view: 'View',
  help: 'Help',
  keys: 'Keyboard Shortcuts',
  about: 'About Saccade',
  chooseFolders: 'Choose folders of photos',
  chooseModelFile: 'Choose a model file',
  chooseModelFolder: 'Choose a model folder',
  models: 'Models',
  windowCrashed: 'The window stopped working twice in a short time.',
  windowCrashedDetail: 'Your library is untouched; a run in hand goes on.',
  reload: 'Reload',
  runFinished: 'Photos classified',
  runStopped: 'The run stopped',
  runCounts: (done: number, failed: number) =>
    `${done.toLocaleString('en')} photos` + (failed > 0 ? `, ${failed.toLocaleString('en')} failed` : ''),
};
export type Words = typeof english;

const chinese: Words = {
  file: '文件',
  openFolder: '打开文件夹…',
  importModel: '模型…',
  settings: '设置…',
  quit: '退出',
  edit: '编辑',
  find: '查找…',
  view: '视图',
  help: '帮助',
  keys: '键盘快捷键',
  about: '关于 Saccade',
  chooseFolders: '选择照片文件夹',
  chooseModelFile: '选择模型文件',
  chooseModelFolder: '选择模型文件夹',
  models: '模型',
  windowCrashed: '窗口在短时间内两次停止工作。',
  windowCrashedDetail: '你的图库没有受到影响；正在进行的任务会继续。',
  reload: '重新加载',
  runFinished: '照片分类完成',
  runStopped: '任务已停止',
  runCounts: (done, failed) =>
    `${done.toLocaleString('zh-CN')} 张照片` +
    (failed > 0 ? `，${failed.toLocaleString('zh-CN')} 张失败` : ''),
};

let language: 'system' | 'en' | 'zh-CN' = 'system';

export function setLanguage(chosen: typeof language): void {
  language = chosen;
}

export function words(): Words {
  const tag = language === 'system' ? app.getLocale() : language;
  return tag.toLowerCase().startsWith('zh') ? chinese : english;
}
