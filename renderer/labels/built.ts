/**
 * What the library answers `not-built` to as yet: it is not offered, because a button that can only refuse is worse
 * than none. Each goes when its verbs are there.
 */
export const built = { moving: false };
