// Loaded before a server with `--import`, started with `--expose-gc`: tells the parent how much memory is really held.
process.on("message", () => {
  // Twice, because the first collection only queues what finalizers release.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
