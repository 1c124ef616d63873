/** Detectors by name; the place in this list is their number in shared memory. */
export const DETECTORS = ['spoofing', 'layering', 'levels'] as const
export type DetectorName = (typeof DETECTORS)[number]
