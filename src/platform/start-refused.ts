/**
 * Popug cannot start here, and a person can do something about it. The message is one or two public sentences: it is
 * shown without a stack, so it names the thing (folder, process, version) and the way out.
 */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
}
