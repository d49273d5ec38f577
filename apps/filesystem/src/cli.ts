#!/usr/bin/env node
import "@bothways/kit/preflight";

const [{ run }, { server }] = await Promise.all([import("@bothways/kit"), import("./server.ts")]);
await run(server);
