/** `node mercurius.mjs PORT NAME=URL...`: Mercurius' federation gateway on Fastify with its compiler on. */
import { createRequire } from "node:module";

// Resolved here, in the benchmark's own folder, and only when this row is run: the product never installs them.
const load = createRequire(import.meta.url);
const fastify = load("fastify");
const mercuriusGateway = load("@mercuriusjs/gateway");

const [port, ...services] = process.argv.slice(2);
const app = fastify();
app.register(mercuriusGateway, {
  jit: 1,
  gateway: {
    services: services.map((service) => {
      const [name, url] = service.split("=");
      return { name, url, mandatory: true };
    }),
  },
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
