import { absentSentences } from './zh-CN-absent.ts';

/**
 * 程序其他部分用英文说的固定句子（处理器不可用的原因、选择的理由、速度受限之处、目录中的名称和出处），按句式译成中文。
 * 库文件名、命令和数值原样保留；不认识的句子原样返回。
 */
const sentences: readonly (readonly [RegExp, string])[] = [
  ...absentSentences,
  // models/heads/examples.ts, models/texts/written.ts
  [
    /^Too few examples of "(.*)": (\d+), expected at least (\d+)\. It is taught, but how well cannot be told\.$/g,
    '“$1”只有 $2 个示例，至少需要 $3 个；已训练，但说不出有多准',
  ],
  [
    /^Too few examples of "(.*)": (\d+), expected at least (\d+)\. It is left out\.$/g,
    '“$1”只有 $2 个示例，至少需要 $3 个；未包含在内',
  ],
  [
    /^(\d+) photos were left out, because identical ones have different labels, or one has several where one was expected: (.*)\. Decide which is right\.$/g,
    '$1 张照片未用于训练，因为相同的照片标签不同，或应有一个标签的照片有多个：$2。请决定哪个正确',
  ],
  [
    /^Texts of at most (\d+) tokens are read, about (\d+) words; what follows was left out of (.*)\. Say it in fewer words\.$/g,
    '最多读入 $1 个 token，约 $2 个英文词；以下文字后面的部分未读入：$3。请说得短些',
  ],
  [
    /^This model answers each label by itself, so a photo may be none of them without words for that; (.*) of "none of these" were left out\.$/g,
    '此模型逐个判断标签，照片不属于任何一个时无需词句；“以上都不是”的 $1 未用到',
  ],
  // main/library/labels/import-labels.ts
  [/^no photo of the library is called so$/g, '图库中没有这样命名的照片'],
  [/^a label is longer than (\d+) characters$/g, '有标签超过 $1 个字符'],
  [
    /^its task has (\d+) pictures, and the labels do not tell of which they are$/g,
    '其任务含 $1 张图片，标签未说明属于哪一张',
  ],
  [/^(\d+) photos of the library are called so$/g, '图库中有 $1 张这样命名的照片'],
  // main/rpc/fork.ts, electron.ts
  [/^was ended by (\w+)$/g, '被 $1 结束'],
  [/^ended with code (-?\d+)$/g, '以代码 $1 结束'],
  // main/inference/runtime/providers.ts, native.ts
  [/(\w+) runs on ([\w, -]+); this is ([\w-]+)\./g, '$1 可在 $2 上运行，本机是 $3。'],
  [/Missing: ([^;]+?)\.(?= |$)/g, '缺少：$1。'],
  [
    /It comes with (\S+) \(Debian, Ubuntu\), (\S+) \(Fedora\) or (\S+) \(Arch\)\./g,
    '它包含在 $1（Debian、Ubuntu）、$2（Fedora）或 $3（Arch）中。',
  ],
  [/(`[^`]+`) downloads them\./g, '$1 可下载它们。'],
  [/The CUDA libraries for onnxruntime (\S+) are not installed\./g, '尚未安装 onnxruntime $1 的 CUDA 库。'],
  [/(\S+) should have (\d+) bytes and has (\d+)\./g, '$1 应为 $2 字节，实为 $3 字节。'],
  [/(\S+) should have (\d+) bytes and has none\./g, '$1 应为 $2 字节，但不存在。'],
  [/The copy of onnxruntime in (.+?) can't be loaded: /g, '无法载入 $1 中的 onnxruntime 副本：'],
  // main/inference/placing/choose.ts, loaded-model.ts
  [/the only processor that was found to compute on/g, '本机只找到这一种可用于计算的处理器'],
  [/^asked for/g, '按设置选用'],
  [/nothing could be measured, so the CPU/g, '没有一种可以测量，所以使用 CPU'],
  [/measured: /g, '实测：'],
  [/left out /g, '未采用 '],
  [
    /(\d+) photos at once were too many for the memory of ([\w ]+), so (\d+)/g,
    '$2 的内存不够同时处理 $1 张照片，改为 $3 张',
  ],
  [
    /([\w ]+) has too little memory for (\d+) photos at once, so it gets fewer\./g,
    '$1 的内存不够同时处理 $2 张照片，改为更少。',
  ],
  [
    /([\w ]+) has too little memory even for one photo, so ([\w ]+?)( computes\.)?$/g,
    '$1 的内存连一张照片也不够，改由 $2 计算',
  ],
  [
    /No graphics processor was found, and computing in its place is slower than the CPU\./g,
    '没有找到图形处理器，而由 CPU 代替它计算比直接用 CPU 更慢。',
  ],
  [/([\w ]+) failed \((.+)\), so the CPU$/g, '$1 失败（$2），因此使用 CPU'],
  [/([\w ]+) failed, so the CPU computes\./g, '$1 失败，改由 CPU 计算。'],
  // main/inference/placing/probe.ts, verdicts.ts, loaded-model.ts
  [
    /([\w ]+) should differ from the CPU by at most (\S+) in any logit, and differs by ([^\s;]+)\./g,
    '$1 的每个 logit 与 CPU 最多应相差 $2，实际相差 $3。',
  ],
  [/([\w ]+) gives another best class than the CPU\./g, '$1 给出的最佳类别与 CPU 不同。'],
  [/([\w ]+) crashed while it was tried\./g, '$1 在试用时崩溃。'],
  [/([\w ]+) was tried and gave no answer within (\d+) s\./g, '$1 在试用时 $2 秒内没有给出结果。'],
  [/([\w ]+) lost its device while computing: /g, '$1 在计算中丢失了设备：'],
  [/([\w ]+) failed while computing: /g, '$1 在计算中失败：'],
  [
    /Expected the model to run on ([\w ]+); all of its (\d+) nodes ran on the CPU\./g,
    '模型本应在 $1 上运行，但全部 $2 个节点都在 CPU 上运行。',
  ],
  // main/library/runs/bottleneck.ts
  [/decode-bound: ([\d.]+) photos\/s/g, '受限于解码：每秒 $1 张'],
  [/inference-bound: ([\d.]+) photos\/s/g, '受限于推理：每秒 $1 张'],
  [/reading-bound: ([\d.]+) photos\/s/g, '受限于读取：每秒 $1 张'],
  [/storing-bound: ([\d.]+) photos\/s/g, '受限于写入：每秒 $1 张'],
  [/decoding could do (\d+)/g, '解码可达每秒 $1 张'],
  [/inference could do (\d+)/g, '推理可达每秒 $1 张'],
  [/(\d+) photos\/s/g, '每秒 $1 张'],
  // main/library/exports/left-out.ts, datasets.ts, report.ts
  [/(\d+) photos? (?:is|are) not there any more and left out\./g, '$1 张照片已不在原处，未包含在内。'],
  [
    /(\d+) photos? (?:is another file|are other files) now than what was read and left out\. Look for changes, and classify again\./g,
    '$1 张照片的文件与读取时已不同，未包含在内。请查找更改并重新分类。',
  ],
  [/(\d+) more could not be read\./g, '另有 $1 张无法读取。'],
  [/There are no photos, so no contact sheet was written\./g, '没有照片，因此未写出缩略图总览。'],
  [/Label Studio has to serve (.+?): /g, 'Label Studio 需要提供 $1：'],
  // models/catalogue.json, models/starter/model.json
  [/,? with linear head \((\w+)\)/g, '（$1），含线性分类头'],
  [/, without a head \((\w+)\)/g, '（$1），不含分类头'],
  [/ distilled/g, '（蒸馏）'],
  [/ at (\d+) pixels/g, '，$1 像素'],
  [/timm's results on ImageNet-1k \(([^)]+)\)/g, 'timm 的 ImageNet-1k 结果（$1）'],
  [/, ([\w.]+), of which these are the converted weights/g, '，$1（此处为其转换后的权重）'],
  [/README of /g, 'README：'],
  [
    /(\w+) \(weights\); trained on photos of Tiny ImageNet, which are for research, see CARD\.md/g,
    '$1（权重）；以 Tiny ImageNet 的照片训练，仅供研究，见模型卡',
  ],
  [/Trained by this project with /g, '由本项目训练：'],
  [/(?<=[\u4e00-\u9fff]); /g, '；'],
  [/。 /g, '。'],
];

export function told(text: string): string {
  return sentences.reduce((so, [english, chinese]) => so.replace(english, chinese), text);
}
