import { DropdownMenu, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { parseHeaders } from "./headers.mjs";

/** Examples, links and the way home, at the right of the tabs. */
export function HeaderBar({ settings, graphqlUrl }) {
  const sandbox = new URL("https://studio.apollographql.com/sandbox/explorer");
  sandbox.searchParams.set("endpoint", graphqlUrl.href);
  const external = { target: "_blank", rel: "noreferrer noopener" };
  return (
    <>
      {settings.examples.length > 0 && <Examples examples={settings.examples} />}
      <a className="explorer-action explorer-wide" href={settings.schemaPath} data-testid="explorer-link-sdl">
        Schema SDL
      </a>
      <a
        className="explorer-action explorer-wide"
        href={sandbox.href}
        {...external}
        data-testid="explorer-link-sandbox"
      >
        Open in Apollo Sandbox
      </a>
      <a className="explorer-action explorer-brand" href={settings.homePath} data-testid="explorer-link-home">
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" aria-hidden>
          <path d="M4 3c0 6 8 5 8 11v7M20 3c0 6-8 5-8 11M12 3v4" />
        </svg>
        {settings.title}
      </a>
    </>
  );
}

/** Opens an example in a tab of its own, or in this one when it is untouched; headers already typed stay in force. */
function Examples({ examples }) {
  const { addTab, stop } = useGraphiQLActions();
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const headers = useGraphiQL((state) => state.headerEditor);
  const defaultQuery = useGraphiQL((state) => state.defaultQuery);

  function open(example) {
    if (!query || !variables || !headers) return;
    const typedHeaders = headers.getValue();
    const isUntouched = ["", defaultQuery.trim()].includes(query.getValue().trim());
    stop();
    if (!isUntouched) addTab();
    query.setValue(example.query);
    variables.setValue(example.variables ? JSON.stringify(example.variables, null, 2) : "");
    headers.setValue(
      example.headers ? JSON.stringify({ ...parseHeaders(typedHeaders), ...example.headers }, null, 2) : typedHeaders,
    );
    query.focus();
  }

  return (
    <DropdownMenu>
      <DropdownMenu.Button className="explorer-action" data-testid="explorer-examples">
        Examples ▾
      </DropdownMenu.Button>
      <DropdownMenu.Content className="explorer-menu" align="end">
        {examples.map((example) => (
          <DropdownMenu.Item key={example.name} onSelect={() => open(example)}>
            {example.name}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
