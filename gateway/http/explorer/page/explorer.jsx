import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createActivity } from "./activity.mjs";
import { EditorAccess } from "./editor-access.jsx";
import { createFetcher } from "./fetcher.mjs";
import { HeaderBar } from "./header-bar.jsx";
import { createLiveClient } from "./live-client.mjs";
import { createQueryPlanPlugin } from "./query-plan.jsx";
import { StatusLine } from "./status-line.jsx";
import { welcomeText } from "./welcome.mjs";

const persistHeadersKey = "graphiql:shouldPersistHeaders";

/**
 * The page. Addresses are made from the page's own, so it works on any host, port and scheme it is served from.
 *
 * `?query=` and `?variables=` open in a tab of their own: links to an operation can be shared.
 * Headers cannot be given that way, and nothing is ever run without a click.
 *
 * @param {{ settings: import("../render-page").PageSettings, container: HTMLElement }} props
 */
export function Explorer({ settings, container }) {
  const page = createPage(settings);
  const link = new URLSearchParams(location.search);
  return (
    <GraphiQL
      fetcher={page.fetcher}
      plugins={page.plugins}
      defaultQuery={welcomeText(settings.examples.length > 0)}
      initialQuery={link.get("query") ?? undefined}
      initialVariables={link.get("variables") ?? undefined}
      defaultEditorToolsVisibility="headers"
      // A token stays out of localStorage until the reader says otherwise in the settings dialog.
      shouldPersistHeaders={localStorage.getItem(persistHeadersKey) === "true" || undefined}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <HeaderBar settings={settings} graphqlUrl={page.graphqlUrl} />
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <StatusLine activity={page.activity} />
      </GraphiQL.Footer>
      <EditorAccess container={container} live={page.live} />
    </GraphiQL>
  );
}

/** Everything that lives as long as the page; made once, whatever React does. */
let madePage;
function createPage(settings) {
  madePage ??= (() => {
    const graphqlUrl = new URL(settings.graphqlPath, location.href);
    const websocketUrl = new URL(settings.websocketPath, location.href);
    websocketUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";

    const activity = createActivity();
    const live = createLiveClient(websocketUrl.href);
    const plan = settings.queryPlan && createQueryPlanPlugin(settings.queryPlan, activity);
    const fetcher = createFetcher({
      url: graphqlUrl.href,
      live,
      activity,
      extraHeaders: plan?.headers ?? (() => ({})),
      present: plan?.withoutPlan ?? ((result) => result),
    });
    return { activity, live, fetcher, graphqlUrl, plugins: [HISTORY_PLUGIN, ...(plan ? [plan.plugin] : [])] };
  })();
  return madePage;
}
