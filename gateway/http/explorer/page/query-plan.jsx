import { useState, useSyncExternalStore } from "react";

const storageKey = "tributary:showQueryPlan";

/**
 * A panel that shows how the gateway planned the last operation. The server names the header that asks for the plan
 * and the response extension that carries it; the extension is left out of the result the reader sees.
 *
 * @param {{ header: string, extension: string }} settings
 */
export function createQueryPlanPlugin({ header, extension }, activity) {
  let wanted = localStorage.getItem(storageKey) === "true";

  function QueryPlan() {
    const { result } = useSyncExternalStore(activity.listen, activity.get);
    const [checked, setChecked] = useState(wanted);
    const plan = result?.extensions?.[extension];
    const change = (event) => {
      wanted = event.currentTarget.checked;
      localStorage.setItem(storageKey, String(wanted));
      setChecked(wanted);
    };
    return (
      <section className="explorer-plan" aria-label="Query plan">
        <div className="graphiql-doc-explorer-title">Query plan</div>
        <p>
          <label>
            <input type="checkbox" checked={checked} onChange={change} data-testid="explorer-query-plan-wanted" />
            Ask for the plan with every operation
          </label>
        </p>
        {plan === undefined ? (
          <p>{checked ? "Run an operation to see its plan." : "Plans are not asked for."}</p>
        ) : (
          <pre data-testid="explorer-query-plan">{typeof plan === "string" ? plan : JSON.stringify(plan, null, 2)}</pre>
        )}
      </section>
    );
  }

  const icon = (props) => (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" {...props}>
      <circle cx="6" cy="5" r="2.5" />
      <circle cx="18" cy="5" r="2.5" />
      <circle cx="12" cy="19" r="2.5" />
      <path d="M6 7.5c0 5 6 3 6 9M18 7.5c0 5-6 3-6 9" />
    </svg>
  );

  return {
    plugin: { title: "Query plan", icon, content: QueryPlan },
    headers: () => (wanted ? { [header]: "1" } : {}),
    withoutPlan(result) {
      if (result?.extensions?.[extension] === undefined) return result;
      const { [extension]: _plan, ...extensions } = result.extensions;
      const { extensions: _all, ...rest } = result;
      return Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest;
    },
  };
}
