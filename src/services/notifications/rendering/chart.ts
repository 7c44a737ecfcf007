/** A chart of bars as an image: mails have no scripts, and no program shows SVG in them. Pure. */
import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [red: number, green: number, blue: number];
const accent: Colour = [0x6b, 0x68, 0xea];
const red: Colour = [0xd9, 0x4a, 0x42];
const quiet: Colour = [0x9a, 0x9c, 0xa5];

const HEIGHT = 160;
const BAR = 48;
const GAP = 24;

/** PNG of one bar for each value, on nothing, so that it stands on light and dark; null: a day of which nothing is known. */
export function barChart(values: readonly (number | null)[]): Buffer {
  const width = values.length * (BAR + GAP);
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  const lowest = Math.min(0, ...values.map((value) => value ?? 0));
  const scale = (HEIGHT - 4) / Math.max(1, highest - lowest);
  const zero = 2 + Math.round(highest * scale);
  const pixels = Buffer.alloc(width * HEIGHT * 4);
  const fill = (from: number, to: number, top: number, bottom: number, [r, g, b]: Colour) => {
    for (let y = top; y < bottom; y++) {
      for (let x = from; x < to; x++) pixels.set([r, g, b, 255], (y * width + x) * 4);
    }
  };
  for (const [index, value] of values.entries()) {
    const from = index * (BAR + GAP) + GAP / 2;
    const end = zero - Math.round((value ?? 0) * scale);
    fill(from, from + BAR, Math.min(end, zero), Math.max(end, zero), (value ?? 0) < 0 ? red : accent);
  }
  fill(0, width, zero - 1, zero + 1, quiet);
  return png(width, HEIGHT, pixels);
}

/** 8 bits each of red, green, blue and how opaque; rows without a filter. */
function png(width: number, height: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) => [
    Buffer.from([0]),
    pixels.subarray(y * width * 4, (y + 1) * width * 4),
  ]);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
