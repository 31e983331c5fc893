import { useState, useSyncExternalStore } from "react";

const storageKey = "tributary:showQueryPlan";
/** The extension with the calls that were really made. */
const TIMINGS = "queryExecution";

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
    const { calls, planned, durationMs } = result?.extensions?.[TIMINGS] ?? {};
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
        {plan === undefined && <p>{checked ? "Run an operation to see its plan." : "Plans are not asked for."}</p>}
        {calls?.length > 0 && <Calls calls={calls} planned={planned} durationMs={durationMs} />}
        {plan !== undefined && (
          <pre data-testid="explorer-query-plan">{plan.text ?? JSON.stringify(plan, null, 2)}</pre>
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
      const { [extension]: _plan, [TIMINGS]: _timings, ...extensions } = result.extensions;
      const { extensions: _all, ...rest } = result;
      return Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest;
    },
  };
}

/** The calls in the order of their beginning, each with a bar that shows when it ran. */
function Calls({ calls, planned, durationMs }) {
  const inOrder = [...calls].sort((a, b) => a.startMs - b.startMs);
  const percent = (ms) => `${(100 * Math.min(ms, durationMs)) / durationMs}%`;
  return (
    <>
      <p>
        {calls.length === planned ? planned : `${calls.length} of ${planned}`} {planned === 1 ? "call" : "calls"} in{" "}
        {milliseconds(durationMs)}
      </p>
      <table className="explorer-calls" data-testid="explorer-query-calls">
        <thead>
          <tr>
            <th>Subgraph</th>
            <th>Entities</th>
            <th>Bytes</th>
            <th>Took</th>
          </tr>
        </thead>
        {inOrder.map((call, i) => (
          <tbody key={i} data-errors={call.errors}>
            <tr>
              <th scope="row" title={call.paths.filter(Boolean).join(", ") || "root fields"}>
                {call.subgraph}
                {call.errors > 0 && ` (${call.errors} ${call.errors === 1 ? "error" : "errors"})`}
              </th>
              <td>{call.representations > 0 ? call.representations : ""}</td>
              <td>{call.bytes.toLocaleString("en")}</td>
              <td>{milliseconds(call.durationMs)}</td>
            </tr>
            <tr className="explorer-calls-time" aria-hidden>
              <td colSpan={4}>
                <div style={{ marginLeft: percent(call.startMs), width: percent(call.durationMs) }} />
              </td>
            </tr>
          </tbody>
        ))}
      </table>
    </>
  );
}

const milliseconds = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
