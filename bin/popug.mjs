#!/usr/bin/env node
// The command line of Popug: src/main.ts with all arguments, in the user's current folder.
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";

await run(fileURLToPath(new URL("../src/main.ts", import.meta.url)), process.argv.slice(2));
