/**
 * Arrays in the bytes in which PostgreSQL keeps them, for the one statement that is all arrays: reading numbers and ids
 * from text is a fifth of what a posting costs. Everything else is sent as text (`array-literal.ts`). Pure.
 */

/** An element: its type's number in the catalogue, its length, and how it is put down. */
type Element<T> = { oid: number; bytes: number; put: (view: DataView, at: number, value: T) => void };

/** Microseconds are counted from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

const elements = {
  boolean: { oid: 16, bytes: 1, put: (view, at, value) => view.setInt8(at, value ? 1 : 0) } satisfies Element<boolean>,
  smallint: { oid: 21, bytes: 2, put: (view, at, n) => view.setInt16(at, whole(n, 15)) } satisfies Element<number>,
  int: { oid: 23, bytes: 4, put: (view, at, n) => view.setInt32(at, whole(n, 31)) } satisfies Element<number>,
  bigint: { oid: 20, bytes: 8, put: putBigint } satisfies Element<number>,
  uuid: { oid: 2950, bytes: 16, put: putUuid } satisfies Element<string>,
  timestamptz: { oid: 1184, bytes: 8, put: putMoment } satisfies Element<Date>,
};

type Elements = { [Type in keyof typeof elements]: Parameters<(typeof elements)[Type]["put"]>[2] };

/**
 * The parameter of a statement that declares it as `type[]`; of another array type the server refuses it. One dimension, no
 * nulls. Throws a RangeError for a value that the type does not hold.
 */
export function binaryArray<Type extends keyof Elements>(type: Type, values: readonly Elements[Type][]): Buffer {
  const { oid, bytes, put } = elements[type] as Element<Elements[Type]>;
  // Dimensions, whether there are nulls, type; then of the only dimension its length and its first index.
  const header = [1, 0, oid, values.length, 1];
  const view = new DataView(new ArrayBuffer(4 * header.length + values.length * (4 + bytes)));
  for (const [i, word] of header.entries()) view.setInt32(4 * i, word);
  let at = 4 * header.length;
  for (const value of values) {
    view.setInt32(at, bytes);
    put(view, at + 4, value);
    at += 4 + bytes;
  }
  return Buffer.from(view.buffer);
}

/** A whole number of so many bits besides its sign. */
function whole(value: number, bits: number): number {
  if (!Number.isSafeInteger(value) || value < -(2 ** bits) || value >= 2 ** bits) {
    throw new RangeError(`${value} is no whole number of ${bits + 1} bits`);
  }
  return value;
}

function putBigint(view: DataView, at: number, n: number): void {
  putProduct(view, at, whole(n, 63), 1);
}

function putMoment(view: DataView, at: number, moment: Date): void {
  putProduct(view, at, whole(moment.getTime() - EPOCH_MS, 63), 1_000);
}

/** `n` so many `times`, 64 bits of it: more than a number holds. */
function putProduct(view: DataView, at: number, n: number, times: number): void {
  const high = Math.floor(n / 2 ** 32);
  const low = (n - high * 2 ** 32) * times;
  const carried = Math.floor(low / 2 ** 32);
  view.setInt32(at, high * times + carried);
  view.setUint32(at + 4, low - carried * 2 ** 32);
}

/** Values of hexadecimal digits by their codes; of everything else one that no digit has. */
const NO_DIGIT = 0x80;
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? NO_DIGIT : digit;
});

function putUuid(view: DataView, at: number, id: string): void {
  let seen = id.length === 36 ? 0 : NO_DIGIT;
  let from = 0;
  for (let to = at; to < at + 16; to++) {
    if (from === 8 || from === 13 || from === 18 || from === 23) seen |= id[from++] === "-" ? 0 : NO_DIGIT;
    const high = digits[id.charCodeAt(from++)] ?? NO_DIGIT;
    const low = digits[id.charCodeAt(from++)] ?? NO_DIGIT;
    seen |= high | low;
    view.setUint8(to, (high << 4) | low);
  }
  if (seen & NO_DIGIT) throw new RangeError(`${id} is no id`);
}
