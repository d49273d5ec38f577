/** First import of every bin: nothing native or third-party may load before this check. */
if (!isSupported(process.versions.node)) {
  process.stderr.write(`Bothways needs Node 22.13 or newer; this is ${process.version}. Update Node and retry.\n`);
  process.exit(2);
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}
