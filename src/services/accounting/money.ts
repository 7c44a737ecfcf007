/** Money: whole minor units of one ISO 4217 currency. */

/** How many minor units one whole unit has: 100 for USD, 1 for JPY, 1000 for KWD. */
export function minorPerUnit(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return 10 ** (maximumFractionDigits ?? 2);
}
