/** Money: whole minor units of one ISO 4217 currency. */

const units = new Map<string, number>();

/** How many minor units one whole unit has: 100 for USD, 1 for JPY, 1000 for KWD. Asked once for each, it takes its time. */
export function minorPerUnit(currency: string): number {
  let unit = units.get(currency);
  if (unit === undefined) {
    const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
    unit = 10 ** (maximumFractionDigits ?? 2);
    units.set(currency, unit);
  }
  return unit;
}

/** An amount in whole units, as files for machines have it: `12.50`, `1200` where the currency has no parts. */
export function decimalAmount(minor: number, currency: string): string {
  const unit = minorPerUnit(currency);
  const digits = Math.log10(unit);
  const whole = Math.floor(minor / unit);
  return digits === 0 ? String(whole) : `${whole}.${String(minor % unit).padStart(digits, "0")}`;
}
