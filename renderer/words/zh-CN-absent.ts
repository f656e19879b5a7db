/** 为什么没有某种图：models/ 与 main/inference/ 用英文说的句子，按句式译成中文。句中的算子名和尺寸原样保留。 */
export const absentSentences: readonly (readonly [RegExp, string])[] = [
  // models/foreign/attention.ts, fused.ts
  [
    /^This model shows no attention between tokens: .+ So there is no map to draw\.$/g,
    '这个模型中没有标记之间的注意力：它不是 Vision Transformer，或者其注意力的写法 Saccade 不认识。因此没有图可画。',
  ],
  [
    /^This model's attention lies inside the operator (.+), and (.+), so it can't be shown\.$/g,
    '这个模型的注意力在算子 $1 内部，而且$2，因此无法显示。',
  ],
  [/its shapes are not known/g, '其形状未知'],
  [/it masks tokens/g, '它会遮去标记'],
  [/its queries and keys are packed together or of unknown shape/g, '其查询和键打包在一起或形状未知'],
  [/several of its heads share keys/g, '多个头共用键'],
  [/Saccade does not know this operator/g, 'Saccade 不认识这个算子'],
  [
    /^This model's attention \((.+)\) does not go from every token to every token, so no map of the whole photo can be made of it\.$/g,
    '这个模型的注意力（$1）并非从每个标记到每个标记，因此无法得出整张照片的图。',
  ],
  [/unknown size/g, '尺寸未知'],
  [
    /^This model attends from or to other tokens, .+: pyramids and attention pooling are so\.$/g,
    '这个模型各层注意的标记或头数不同，各层合不成一张图：金字塔结构和注意力池化都是如此。',
  ],
  [
    /^This model has several attentions beside each other, .+ make no common map\.$/g,
    '这个模型有并列的多个注意力：它们读取相同的标记，或位于各自的分支中，各层并非前后相接，因此合不成一张图。',
  ],
  [
    /^This model attends over (.+) tokens at a time, but has (.+) × (.+) patches: .+$/g,
    '这个模型每次只在 $1 个标记之间计算注意力，却有 $2 × $3 个图块：它在窗口内看图，由此得不出整张照片的图。',
  ],
  // models/foreign/analyse.ts, reads.ts
  [
    /^This model's head reads its (.+), so no map of what it reads can be made\.$/g,
    '这个模型的分类头$1，因此无法画出它所读取的内容。',
  ],
  [/patches weighed by what they hold, and not their mean/g, '按图块的内容加权读取图块，而不是读取平均值'],
  [/patches by their greatest numbers, and not their mean/g, '读取各图块的最大值，而不是平均值'],
  [/patches by a mean of their powers, and not their mean/g, '读取各图块之幂的平均值，而不是平均值'],
  [/patches each by itself, and not their mean/g, '逐个读取图块，而不是读取平均值'],
  [/patches in a way that is not known to be their mean/g, '读取图块的方式不明，不能确定是取平均值'],
  [/tokens in a way that is not known/g, '读取标记的方式不明'],
  // models/foreign/tap.ts, decompose.ts, values.ts
  [
    /^This model's answer can't be taken apart into what each patch adds: (.+)\.$/g,
    '这个模型的答案无法拆成各图块的贡献：$1。',
  ],
  [/where its values come from is not plain/g, '看不出其值从何而来'],
  [
    /its head does not read normalised tokens, or not in a way that is known/g,
    '其分类头读取的不是归一化后的标记，或读取的方式不明',
  ],
  [/its attention is changed once more before it weighs the values/g, '其注意力在对值加权之前又被改动'],
  [/its values are quantised or multiplied in an unknown way/g, '其值经过量化，或以未知的方式相乘'],
  [/several of its heads share values/g, '多个头共用值'],
  [/it has no attention to show/g, '它没有可显示的注意力'],
  [/its ONNX version is too old for the arithmetic/g, '其 ONNX 版本过旧，不支持所需的运算'],
  [/its head is not one matrix/g, '其分类头不是单个矩阵'],
  [
    /its layers do not add up to the last token \(norms stand between them, or operators are fused\)/g,
    '各层之和不等于最后的标记（其间有归一化，或算子已融合）',
  ],
  [/it has not one feed-forward a layer/g, '并非每层恰有一个前馈网络'],
  // models/graphs.ts
  [
    /^This model normalises after each block, .+ add up to the answer\.$/g,
    '这个模型在每个块之后归一化，前面各层的贡献还要经过后面的归一化，加起来不再等于答案。',
  ],
  [
    /^This model normalises what attention and feed-forward add .+$/g,
    '这个模型先把注意力和前馈网络的输出归一化再相加，所以答案不是各图块贡献之和。',
  ],
  [
    /^This model gathers its patches by an attention of its own .+$/g,
    '这个模型用专门的注意力汇集图块，其后还有前馈网络，所以答案不是各图块贡献之和。',
  ],
  [
    /^This model sees and names nothing by itself, so there is no answer to take apart\. .+$/g,
    '这个模型只看不命名，没有可拆分的答案。请选择一组标签：依据是针对其中的标签。',
  ],
  // models/foreign/mask.ts
  [
    /^This model’s answer is read off its patches themselves, .+$/g,
    '这个模型的答案直接从图块读出，而且此文件导出时就须给出全部图块。',
  ],
  [
    /^This model’s attention is computed in whole numbers, .+$/g,
    '这个模型的注意力由整数算子计算，该算子总是处理全部标记。',
  ],
  [/^The shape of this model’s attention is not known, .+$/g, '这个模型的注意力形状未知，无法区分各个头。'],
  // main/inference/answering/adds-up.ts
  [
    /What the patches and the rest say does not add up to the score that the model gave: .+$/g,
    '各图块与其余各项之和与模型给出的得分不符：对其计算图有误读，因此不显示依据。',
  ],
];
