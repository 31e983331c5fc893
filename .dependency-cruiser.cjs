/**
 * Who may import whom (docs/adr/0002-floor-plan-and-imports.md). A broken arrow fails `npm run check`.
 * Type-only imports count: a type is a dependency on the room that owns it.
 */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from, pathNot: "/test/" },
  to: { path: "^(kit|schema|gateway|subgraphs|deploy|e2e|bench)/", pathNot: allowed },
});
const package_ = (name, packages, allowedIn, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: "^(kit|gateway|subgraphs)/", pathNot: ["/test/", ...allowedIn] },
  to: { path: `^node_modules/(${packages})/` },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nobody-imports-main",
      severity: "error",
      from: { pathNot: "/test/|^e2e/" },
      to: { path: "(^|/)main\\.ts$" },
    },
    {
      name: "production-never-imports-tests",
      severity: "error",
      from: { path: "^(kit|schema|gateway|subgraphs|deploy)/", pathNot: "/test/" },
      to: { path: "/test/|^e2e/|^bench/" },
    },
    only("kit-imports-packages-only", "^kit/", ["^kit/"], "No domain word in the kit."),
    only("schema-imports-packages-only", "^schema/", ["^schema/"], "The contracts depend on nobody."),
    only(
      "gateway-imports-no-subgraph",
      "^gateway/",
      ["^gateway/", "^kit/", "^schema/"],
      "They meet in schema/: the commerce graph can be deleted and the gateway still serves any supergraph.",
    ),
    ...["users", "products", "orders"].flatMap((subgraph) => {
      const own = `^subgraphs/${subgraph}/`;
      return [
        only(`${subgraph}-imports-no-other-service`, own, [own, "^kit/", "^schema/"], "Subgraphs meet in schema/."),
        only(
          `${subgraph}-domain-is-pure`,
          `${own}domain/`,
          [`${own}domain/`, "^kit/(errors|viewer|ids)\\.ts$"],
          "No I/O.",
        ),
        only(`${subgraph}-api`, `${own}api/`, [`${own}(api|domain)/`, "^kit/"], "main joins the rooms."),
        only(
          `${subgraph}-store`,
          `${own}store/`,
          [`${own}(store|domain)/`, "^kit/", "^schema/(events/|demo\\.ts$)"],
          "",
        ),
        only(`${subgraph}-events`, `${own}events/`, [`${own}(events|domain)/`, "^kit/", "^schema/events/"], ""),
        only(`${subgraph}-remote`, `${own}remote/`, [`${own}(remote|domain)/`, "^kit/"], ""),
      ];
    }),
    {
      name: "domain-has-no-io",
      severity: "error",
      from: { path: "^subgraphs/[^/]+/domain/", pathNot: "/test/" },
      to: { path: "^node_modules/(pg|typeorm|mongodb|amqplib|undici|@apollo|type-graphql|graphql|ws)/" },
    },
    only(
      "gateway-operation-knows-no-server",
      "^gateway/operation/",
      ["^gateway/(operation|access|supergraph)/", "^kit/"],
      "",
    ),
    only(
      "gateway-execution-knows-no-server",
      "^gateway/execution/",
      ["^gateway/(execution|operation|planning|upstream|supergraph|access)/", "^kit/"],
      "",
    ),
    only(
      "gateway-planning-knows-no-server",
      "^gateway/planning/",
      ["^gateway/(planning|supergraph)/", "^gateway/operation/(check|examine)-document\\.ts$", "^kit/"],
      "The planner runs in a thread that loads as little as can be.",
    ),
    only(
      "gateway-streams-feed-knows-amqp-only",
      "^gateway/streams/feed/",
      ["^gateway/streams/feed/", "^kit/"],
      "Who reads the log of events does not know what becomes of them.",
    ),
    only(
      "gateway-streams-core-knows-no-transport",
      "^gateway/streams/core/",
      [
        "^gateway/streams/core/",
        "^gateway/streams/(stream|event-field|event-fields)\\.ts$",
        "^gateway/streams/feed/event-log\\.ts$",
        "^gateway/(generation|access/rules/|execution/|operation/|supergraph/|upstream/)",
        "^kit/(?!amqp/(?!event-message))",
        "^schema/",
      ],
      "Events in, messages out: neither the broker nor a socket.",
    ),
    ...["websocket", "http"].map((delivery) =>
      only(
        `gateway-streams-${delivery}-knows-the-contract-only`,
        `^gateway/streams/${delivery}/`,
        [`^gateway/streams/${delivery}/`, "^gateway/streams/(stream|subscriber)\\.ts$", "^kit/"],
        "A delivery knows the core by its contract.",
      ),
    ),
    {
      name: "the-planner-stays-in-its-thread",
      comment: "The main thread knows its types and never loads it.",
      severity: "error",
      from: { path: "^gateway/", pathNot: ["/test/", "^gateway/planning/"] },
      to: {
        path: "^node_modules/@apollo/(federation-internals|query-planner|query-graphs)/",
        preCompilationOnly: false,
      },
    },
    package_("amqplib-stays-in-its-adapter", "amqplib", ["^kit/amqp/", "^gateway/streams/"], ""),
    package_(
      "opentelemetry-stays-in-its-adapter",
      "@opentelemetry",
      ["^kit/tracing/create-sdk-tracer\\.ts$", "^kit/tracing/bounded-export\\.ts$"],
      "Everyone else knows kit/tracing/tracer.ts: the SDK is loaded only where something is traced.",
    ),
    package_("ws-stays-in-its-adapter", "ws|graphql-ws", ["^gateway/streams/", "^gateway/http/"], ""),
    package_(
      "pg-stays-in-its-adapter",
      "pg|typeorm",
      ["^kit/postgres/", "^gateway/partners/store/", "^subgraphs/(users|orders)/(store|main)"],
      "",
    ),
    package_("mongodb-stays-in-its-adapter", "mongodb", ["^kit/mongo/", "^subgraphs/products/(store|main)"], ""),
    package_(
      "apollo-server-stays-in-http",
      "@apollo/server",
      ["^gateway/http/", "^kit/subgraph/"],
      "operation and execution know no Apollo Server.",
    ),
    {
      name: "nothing-unresolvable",
      severity: "error",
      from: {},
      // The package holds types only; there is no file to resolve.
      to: { couldNotResolve: true, pathNot: "^@graphql-typed-document-node/core$" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|gateway/http/explorer/page)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};
