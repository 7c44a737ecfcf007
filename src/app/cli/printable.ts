/** People write names and titles; a terminal must not take them for orders. */

/** What would move the cursor, colour the terminal or turn the direction of a line. */
const ORDERS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A text as one line that only shows itself. */
export const printable = (text: string): string => text.replaceAll(ORDERS, "\ufffd");
