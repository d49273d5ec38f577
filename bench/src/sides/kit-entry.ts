import "@bothways/kit/preflight";

const [{ run }, { kitServer }, { toolCountOf }] = await Promise.all([
  import("@bothways/kit"),
  import("./kit-server.ts"),
  import("./tool-catalogue.ts"),
]);
await run(kitServer(toolCountOf(process.env)));
