import { type ChildProcess, spawn } from "node:child_process";
import { type ServerUser, serverEnvironment } from "./os-user.ts";

/**
 * A shell that starts the command, tells its process id and then watches two things: the command and its own standard
 * input, the lifeline. The kernel closes the lifeline when our process ends in whatever way, also by SIGKILL; the
 * command is then stopped (SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one).
 *
 * $1 is the file for the command's output, $2 the socket folder to remove in the end (or empty). Signals meant for the
 * whole group do not end the shell: it lives as long as its command.
 */
const script = `
log=$1 folder=$2; shift 2
exec 3<&0 </dev/null
"$@" >>"$log" 2>&1 3<&- &
server=$!
trap '' INT TERM HUP
echo "$server"
exec >/dev/null 2>&1
(
  while read -r word <&3; do
    case $word in
      fast) kill -INT $server ;;
      immediate) kill -QUIT $server ;;
    esac
  done
  kill -INT $server
  tenths=0
  while kill -0 $server; do
    sleep 0.1
    tenths=$((tenths + 1))
    [ $tenths -eq 100 ] && kill -QUIT $server
    [ $tenths -eq 200 ] && kill -KILL $server
  done
) &
watcher=$!
exec 3<&-
wait $server
code=$?
kill -KILL $watcher
wait $watcher
[ -n "$folder" ] && rm -f "$folder"/.s.PGSQL.* && rmdir "$folder"
exit $code
`;

/** A command whose life cannot outlast ours. */
export type Supervised = {
  /** The process id of the command itself, not of the shell around it. */
  pid: number;
  /** Resolves when the command has ended (or the shell around it was killed): exit code, or the shell's signal. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks the command to end. */
  ask(mode: "fast" | "immediate"): void;
  /** Whether the command keeps our event loop alive. */
  hold(yes: boolean): void;
};

/**
 * Starts `command` as `user` in the folder `cwd`, in a session of its own (a Ctrl-C meant for us does not reach it).
 * Its output is appended to `log`, a path seen from `cwd`.
 */
export async function supervise(options: {
  command: readonly string[];
  user: ServerUser;
  cwd: string;
  log: string;
  socketDir?: string;
}): Promise<Supervised> {
  const [file, ...args] = [
    ...options.user.prefix,
    "/bin/sh",
    "-c",
    script,
    "popug-postgres",
    options.log,
    options.socketDir ?? "",
    ...options.command,
  ];
  const child = spawn(file ?? "", args, {
    cwd: options.cwd,
    env: serverEnvironment,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    ...options.user.spawn,
  });
  // A lifeline to a shell that has just gone breaks; that the shell is gone is told by its exit.
  child.stdin.on("error", () => {});
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  return {
    pid: await firstLine(child),
    ended,
    ask: (mode) => void child.stdin.write(`${mode}\n`),
    hold: (yes) => {
      const streams = [child, child.stdin, child.stdout, child.stderr] as unknown as NodeJS.Timeout[];
      for (const it of streams) yes ? it.ref() : it.unref();
    },
  };
}

function firstLine(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let out = "";
    let err = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes("\n")) resolve(Number(out));
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the shell around the server ended with ${code}: ${err.trim()}`)));
  });
}
