/**
 * Calls `fn` once when the process that started this one over an IPC channel is gone, even by SIGKILL: the kernel then
 * closes the channel. Without such a channel (started by hand, by systemd, as a container's first process) it does
 * nothing. The channel does not keep the process alive. Returns a function that stops watching.
 */
export function onParentGone(fn: () => void): () => void {
  if (process.channel === undefined || process.channel === null) return () => {};
  if (!process.connected) {
    queueMicrotask(fn);
    return () => {};
  }
  process.channel.unref();
  process.once("disconnect", fn);
  return () => void process.off("disconnect", fn);
}
