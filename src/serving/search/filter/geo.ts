/** Mean radius of the earth in metres (IUGG). */
export const EARTH_RADIUS_METERS = 6_371_008.8;

const UNITS: Readonly<Record<string, number>> = { m: 1, km: 1000, mi: 1609.344, yd: 0.9144, ft: 0.3048, nmi: 1852 };

/** Metres of `5km`, `300m`, `3mi`; null when it is no distance. */
export function parseDistance(value: unknown): number | null {
  const match = typeof value === 'string' ? /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]{1,3})\s*$/.exec(value) : null;
  const unit = match === null ? undefined : UNITS[match[2] as string];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}

/** Great-circle distance in metres between points in degrees: the haversine formula (Sinnott 1984). */
export function haversineMeters(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const radians = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * radians) / 2) ** 2 +
    Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * Math.sin(((lon2 - lon1) * radians) / 2) ** 2;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(a)));
}
