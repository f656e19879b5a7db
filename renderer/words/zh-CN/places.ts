/** The map of places, in Simplified Chinese. */
import type { places as english } from '../en/places.ts';
import type { Sayings } from '../en.ts';
import { photos } from './numbers.ts';

export const places: Sayings<typeof english> = {
  places: '地点',
  placesIn: (folder) => `“${folder}”的地点`,
  placesKnown: (placed, all) => `${all} 张照片中有 ${placed} 张记录了拍摄地点`,
  placesMap: '世界地图',
  placesKeys:
    '方向键移动地图，+ 和 − 缩放，0 显示所有地点。按 Tab 进入地点，用方向键在地点之间移动，按 Enter 显示其照片。',
  placesList: '有照片的地点',
  placeDot: (value, place) => `${place} 附近的 ${photos(value)}`,
  placesAt: (place) => `地图显示 ${place}`,
  placesAll: '显示所有地点',
  placesShowView: '显示此区域的照片',
  placesSource: '轮廓：Natural Earth',
  placesNone: '没有照片记录拍摄地点',
  placesNoneFound: '这些照片都没有记录拍摄地点',
  placesNoneText:
    '手机在允许使用位置信息时会把地点写入照片，部分相机也会。添加文件夹后，程序会在后台读取文件；找到的地点会显示在这里。',
  showOnMap: '在地图上显示',
  metres: (value) => `${value} 米`,
  kilometres: (value) => `${value} 公里`,
};
