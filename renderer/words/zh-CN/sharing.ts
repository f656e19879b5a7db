/** “导出与分享”面板的中文。 */
import type { Sayings } from '../en.ts';
import type { sharing as english } from '../en/sharing.ts';
import { n, photos } from './numbers.ts';

const files = (value: number) => `${n(value)} 个文件`;
const doings: Record<string, string> = {
  write: '写入',
  change: '更改',
  copy: '复制',
  link: '链接',
  move: '移动',
  back: '还原',
};
const done = (doing: string) => doings[doing] ?? `${doing}`;

const kinds: Record<string, [name: string, about: string, go: string]> = {
  csv: ['表格（CSV）', '供电子表格使用：每张照片一行，含标签。', '保存'],
  jsonl: ['表格（JSON Lines）', '供脚本使用：每张照片一个对象，含标签。', '保存'],
  parquet: ['表格（Parquet）', '供 pandas、polars 和 DuckDB 使用：列有类型。', '写入'],
  report: ['网页（HTML）', '一个可以发送的文件：照片、标签、你的标注和图。', '写入'],
  'contact-sheet': ['联系表（PNG）', '所有照片在一张图上，最多前 1,000 张。', '写入'],
  fiftyone: ['FiftyOne 数据集', '一个 FiftyOne 可导入的标签文件。', '写入'],
  'label-studio': ['Label Studio 任务', '一个文件夹，含任务和标注界面。', '写入'],
  imagefolder: ['Hugging Face 图像文件夹', '一个文件夹，含照片副本和 metadata.jsonl。', '写入'],
  coco: ['COCO 数据集', '一个含图像和类别的 JSON 文件。', '写入'],
  keywords: [
    '照片程序的关键字',
    '标签写入照片旁的 XMP 附属文件。照片保持原样，其他程序写入的内容也保持不变。',
    '写入关键字',
  ],
  organise: [
    '按标签分文件夹',
    '照片及其附属文件放入以标签命名的文件夹：有多个标签时，复制或链接到每个文件夹，移动则只进入第一个标签的文件夹。不会覆盖任何文件。',
    '整理',
  ],
  'remove-keywords': ['取出关键字', '只从附属文件中取出 Saccade 写入的内容。', '取出'],
  iptc: [
    'JPEG 内的关键字（IPTC）',
    '通过已安装的 exiftool 修改照片本身。仅限 JPEG；写入的内容可以再取出。',
    '写入照片',
  ],
  'remove-iptc': ['从 JPEG 中取出关键字', '通过 exiftool 只取出 Saccade 写入 JPEG 的内容。', '取出'],
};
const colours: Record<string, string> = { Red: '红', Yellow: '黄', Green: '绿', Blue: '蓝', Purple: '紫' };
const extras: Record<string, string> = { features: '特征', maps: '图' };
const splits: Record<string, string> = {
  '': '一个文件',
  label: '每个标签一个文件夹',
  status: '每种状态一个文件夹',
  year: '每年一个文件夹',
  model: '每个模型一个文件夹',
};
const ways: Record<string, string> = { copy: '复制', hardlink: '硬链接', symlink: '链接', move: '移动' };

export const sharing: Sayings<typeof english> = {
  shareOpen: '导出与分享…',
  shareTitle: (count) => `导出与分享 ${photos(count)}`,
  shareAs: '格式',
  shareTables: '表格',
  sharePrograms: '照片旁边',
  shareSets: '数据集',
  sharePages: '用于查看',
  shareHead: '标签集',
  shareHeadUsed: '正在使用的',
  shareHeadModel: '模型自带的',
  shareMarks: '没有时写入',
  shareRating: '星级',
  shareNoRating: '无星级',
  shareColour: '颜色标签',
  shareNoColour: '无颜色',
  shareColourName: (colour) => colours[colour] ?? `${colour}`,
  shareMaps: '图',
  shareMapsEvidence: '证据',
  shareMapsEvidenceHint: '正在使用的标签集的证据；每张照片都会再看一遍',
  shareMapsStored: '运行时保存的',
  shareMapsNone: '无',
  shareKind: (kind) => kinds[kind]?.[0] ?? `格式 ${kind}`,
  shareAbout: (kind) => kinds[kind]?.[1] ?? `格式 ${kind}`,
  shareGo: (kind) => kinds[kind]?.[2] ?? `写入 ${kind}`,
  shareLabels: '标签',
  shareAnyLabels: '我的，否则模型的',
  shareConfirmed: '只用我的',
  shareOnlyModel: '只用模型的',
  shareWith: '另含',
  shareExtra: (extra) => extras[extra] ?? `列 ${extra}`,
  shareSplit: '文件',
  shareSplitBy: (split) => splits[split] ?? `按 ${split} 分`,
  shareThreshold: '不低于此百分比',
  shareSure: '有把握时的第一个',
  shareSureAny: '有把握时成立的每一个',
  shareNoPercentage: '此处应为 0 到 100 的百分比。请更正，或留空。',
  shareNaming: '附属文件',
  shareRoot: '上级关键字',
  shareFolder: '文件夹',
  shareTemplate: '模板',
  shareWay: '照片',
  shareWayName: (way) => ways[way] ?? `方式 ${way}`,
  sharePreview: '将写入的内容',
  shareStaysWith: (other) => `副本：${other} 留下，也需要它`,
  shareNeedsFolder: '选择文件夹后即可查看将写入的内容。',
  shareTrying: (done, total) => `正在查看将有哪些变化：${n(done)} / ${n(total)}`,
  shareWouldExport: (count) => `${photos(count)}将写入：`,
  shareWouldReplace: (count) => `${photos(count)}将写入此处，取代原有内容：`,
  shareWouldChange: (changed, failed, doing) =>
    `将${done(doing)}${files(changed)}。${failed ? `${files(failed)}无法写入，保持原样。` : ''}`,
  shareGoing: (done, total) => `正在写入：${n(done)} / ${n(total)}`,
  shareGoingElsewhere: (done, total) =>
    `另一个窗口正在写入：${n(done)} / ${n(total)}。写完后即可写入此处所选的内容。`,
  shareDone: (changed, failed, doing) =>
    `已${done(doing)}${files(changed)}。${failed ? `${files(failed)}无法写入，保持原样。` : ''}`,
  shareTakenBack: (path) => `已撤销：${path} 已删除。`,
  shareCancelled: (changed, doing) => `已取消。此前已${done(doing)}${files(changed)}。`,
  takeLabels: '导入标签…',
  takeTitle: '导入其他程序的标签',
  takeText: '标签成为你自己的标签，一步完成，可以撤销。你之前的标注保持不变，照片不会被修改。',
  takeFrom: '来自',
  takeFile: '文件',
  takeLook: '查看将有哪些变化',
  takeGo: '导入',
  takeNothing: '没有需要更改的内容。',
  takeFound: (pictures, matched, changed) =>
    `文件中有 ${n(pictures)} 张图片的标签；其中 ${n(matched)} 张是图库中的照片，${n(changed)} 张将变化。`,
  takeUnlabelled: (count) => `没有标签：${n(count)} 张。`,
  takeNew: (labels) => `新标签：${labels}`,
  takeUnmatched: (count) => `${n(count)} 张图片不是图库中的照片，或可能对应多张：`,
};
