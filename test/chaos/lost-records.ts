/** Takes the newest records of a topic off the disks of brokers that do not run, as a cluster loses them that was set back. */
import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Of a batch as it stands on disk (Kafka's record format 2). */
const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const MAX_TIMESTAMP_AT = 35;

/** Returns how many bytes went. */
export async function loseNewest(brokerHome: string, topic: string, since: Date): Promise<number> {
  let lost = 0;
  const data = join(brokerHome, "data");
  for (const partition of await readdir(data)) {
    if (partition.replace(/-\d+$/, "") !== topic) continue;
    for (const name of await readdir(join(data, partition))) {
      const file = join(data, partition, name);
      // Indexes are made anew from what is left.
      if (/\.(time)?index$/.test(name)) await rm(file);
      if (name.endsWith(".log")) lost += await cutOff(file, since);
    }
  }
  return lost;
}

async function cutOff(file: string, since: Date): Promise<number> {
  const content = await readFile(file);
  let end = 0;
  while (end + HEADER_BYTES <= content.length) {
    if (Number(content.readBigInt64BE(end + MAX_TIMESTAMP_AT)) >= since.getTime()) break;
    end += LENGTH_AT + 4 + content.readInt32BE(end + LENGTH_AT);
  }
  end = Math.min(end, content.length);
  const handle = await open(file, "r+");
  await handle.truncate(end);
  await handle.close();
  return content.length - end;
}
