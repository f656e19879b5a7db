/** The map of places, in English. */
import { photos } from './numbers.ts';

export const places = {
  places: 'Places',
  placesIn: (folder: string) => `Places of “${folder}”`,
  placesKnown: (placed: string, all: string) => `${placed} of ${all} photos say where they were taken`,
  placesMap: 'World map',
  placesKeys:
    'Arrows move the map, + and − zoom, 0 shows all places. Tab goes to the places, arrows from one to the next, Enter shows its photos.',
  placesList: 'Places with photos',
  placeDot: (value: number, place: string) => `${photos(value)} near ${place}`,
  placesAt: (place: string) => `The map shows ${place}`,
  placesAll: 'Show all places',
  placesShowView: 'Photos of this part',
  placesSource: 'Outlines: Natural Earth',
  placesNone: 'No photo says where it was taken',
  placesNoneFound: 'None of these photos says where it was taken',
  placesNoneText:
    'Phones write it into a photo while they may use the location, and some cameras do. Files are read for it in the background once their folder is added; what is found appears here.',
  showOnMap: 'Show on the map',
  metres: (value: string) => `${value} m`,
  kilometres: (value: string) => `${value} km`,
};
