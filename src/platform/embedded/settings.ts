import { ownMark } from "./pidfile.ts";

/**
 * Settings for a machine with two cores that runs other things, too. Every commit is on the disk before it is
 * acknowledged, and a power cut costs nothing that was.
 */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: "",
  port: "5432",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",

  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",

  shared_buffers: "192MB",
  effective_cache_size: "2GB",
  work_mem: "8MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "2GB",
  min_wal_size: "128MB",
  checkpoint_timeout: "15min",
  wal_compression: "on",

  // Compiling plans costs more than our short statements take.
  jit: "off",
  random_page_cost: "1.1",
  max_worker_processes: "8",
  max_parallel_workers_per_gather: "1",
  autovacuum_naptime: "15s",

  log_checkpoints: "off",
  log_line_prefix: "%m [%p] %q%u@%d ",
  log_lock_waits: "on",
  // The text of a parameter may be a password.
  log_parameter_max_length_on_error: "0",
};

/** The server's command-line words for our settings, overridden by `settings`. */
export function settingWords(settings: Readonly<Record<string, string>>, socketDir: string): string[] {
  // The setting is a list, in which quotes protect blanks and commas.
  const folder = `"${socketDir.replaceAll('"', '""')}"`;
  const all = { ...defaults, ...settings, unix_socket_directories: folder, unix_socket_permissions: "0777" };
  return [...Object.entries(all).map(([name, value]) => `${name}=${value}`), ownMark].flatMap((it) => ["-c", it]);
}
