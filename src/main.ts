/** `popug`: what was typed becomes one command; its errors become one sentence and an exit code. */
import { main } from "./app/cli/popug.ts";

process.exitCode = await main(process.argv.slice(2));
