/** 句子里的数字。 */
const count = new Intl.NumberFormat('zh-CN');
export const n = (value: number) => count.format(value);
export const photos = (value: number) => `${n(value)} 张照片`;
