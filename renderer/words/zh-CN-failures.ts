/** 各种失败的中文说法；原文附在其后，因为其中有路径和数值。 */
export const failureTitles: Partial<Record<string, string>> = {
  internal: 'Saccade 内部出错',
  'connection-lost': '与 Saccade 的连接已断开',
  'bad-message': '消息格式不对，请重新载入页面',
  'bad-request': '请求不符合约定，请重新载入页面',
  'folder-unreadable': '文件夹不存在或无法读取',
  'map-not-drawable': '这张图无法如实绘制',
  'not-in-browser': '这需要桌面应用程序',
  'too-many-questions': '未完成的请求过多，请重新载入页面',
  'unknown-verb': '页面与程序版本不一致，请重新载入页面',
};
