/** The hour of Greenwich decides, so that a company's midnight is half a day away. */
const hoursAhead = 12 - new Date().getUTCHours();

/**
 * A time zone in which it is about noon, chosen once per process: no test meets the end of its business day unasked, at
 * whatever hour it runs. The signs of these zones are the other way round: Etc/GMT-3 is three hours ahead of Greenwich.
 */
export const noonZone = `Etc/GMT${hoursAhead > 0 ? "-" : "+"}${Math.abs(hoursAhead)}`;
