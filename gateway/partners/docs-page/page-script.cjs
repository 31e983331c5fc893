/* global document, fetch, location, navigator, performance, sessionStorage, setTimeout, crypto */
// Runs in the browser: the documentation page of the partner API, within the page itself.
(() => {
  "use strict";
  const STORED = "tributary-partner-key";
  const KEY_PLACE = "YOUR_KEY";
  const MAX_SHOWN = 100000;
  const byId = (id) => document.getElementById(id);
  const list = byId("operation-list");
  const status = byId("key-status");
  const before = list.innerHTML;
  let key = sessionStorage.getItem(STORED) || "";

  const isTest = () => key.startsWith("trib_test_");
  /** Whoever looks at the screen sees no live key; copies hold it. */
  const shownKey = () => (key === "" ? KEY_PLACE : isTest() ? key : `${key.slice(0, 10)}…`);
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  function tell(text, kind = "") {
    status.textContent = text;
    status.className = kind;
  }

  /** What depends on the operations that are shown, and on the key. */
  function refresh() {
    const links = byId("operation-links");
    const articles = [...list.querySelectorAll("article.operation")];
    links.replaceChildren(
      ...(articles.length > 0
        ? articles.map(({ id, dataset }) =>
            element("li", {}, element("a", { href: `#${id}`, textContent: dataset.name })),
          )
        : [element("li", { className: "none", textContent: "need a key" })]),
    );
    for (const code of document.querySelectorAll("pre code")) {
      code.dataset.text = code.dataset.text || code.textContent;
      if (code.dataset.text.includes(KEY_PLACE)) code.textContent = code.dataset.text.replaceAll(KEY_PLACE, shownKey());
    }
    for (const label of document.querySelectorAll(".scenario")) label.hidden = !isTest();
    for (const hint of document.querySelectorAll(".hint")) {
      const changes = hint.closest("article").dataset.type === "mutation";
      const isLive = key !== "" && !isTest();
      hint.className = isLive && changes ? "hint live" : "hint";
      hint.textContent = key === "" ? "Paste a key first." : isLive && changes ? "This changes live data." : "";
    }
    byId("forget").hidden = key === "";
  }

  async function show() {
    if (key === "") return;
    tell("Looking up your operations …");
    let response;
    try {
      response = await fetch("/partner/v1/docs/operations", { headers: { authorization: `Bearer ${key}` } });
    } catch {
      return tell("The gateway does not answer.", "bad");
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      if (response.status === 401) sessionStorage.removeItem(STORED);
      return tell(problem.detail || `The gateway answered ${response.status}.`, "bad");
    }
    // Written by the gateway, which escapes what is in it; the policy of this page runs no script in it.
    list.innerHTML = await response.text();
    const count = list.querySelectorAll("article.operation").length;
    const found = `Your key opens ${count === 1 ? "one operation" : `${count} operations`}.`;
    if (isTest()) tell(`${found} It is a test key: answers are generated, and nothing changes.`);
    else tell(`${found} It is a live key: what you try here is real. A test key is safer.`, "live");
    refresh();
  }

  function use(text) {
    key = text.trim();
    byId("key").value = key;
    if (key === "") sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, key);
    refresh();
    return show();
  }

  function forget() {
    list.innerHTML = before;
    void use("");
    tell("");
  }

  function valueOf({ value, dataset }) {
    return dataset.spelling === "text" && dataset.leaf === "text" ? value : JSON.parse(value);
  }

  /** @returns the request, or throws the name of the field that cannot be read */
  function requestOf(article, form) {
    const { method, path } = article.dataset;
    const headers = { authorization: `Bearer ${key}` };
    const body = {};
    const search = new URLSearchParams();
    let filled = path;
    for (const field of form.elements) {
      const { name, value, dataset } = field;
      if (!dataset.place || value === "") continue;
      let read;
      try {
        read = dataset.place === "header" ? value : valueOf(field);
      } catch {
        throw new Error(`${name} is not JSON`);
      }
      if (dataset.place === "path") filled = filled.replace(`{${name}}`, encodeURIComponent(value));
      else if (dataset.place === "header") headers[name] = value;
      else if (dataset.place === "body") body[name] = read;
      else if (dataset.spelling === "texts") for (const one of [read].flat()) search.append(name, one);
      else search.append(name, value);
    }
    if (method === "POST") {
      headers["content-type"] = "application/json";
      if (article.dataset.type === "mutation") headers["idempotency-key"] ||= crypto.randomUUID();
    }
    const query = search.toString();
    return [
      `/partner/v1${filled}${query === "" ? "" : `?${query}`}`,
      { method, headers, cache: "no-store", ...(method === "POST" ? { body: JSON.stringify(body) } : {}) },
    ];
  }

  async function send(form) {
    const article = form.closest("article");
    const result = form.querySelector(".result");
    const button = form.querySelector("button[type=submit]");
    const line = element("p", { className: "status" });
    result.hidden = false;
    let request;
    try {
      request = requestOf(article, form);
    } catch (error) {
      return result.replaceChildren(line, element("strong", { className: "bad", textContent: `${error.message}.` }));
    }
    button.disabled = true;
    try {
      const begin = performance.now();
      const response = await fetch(...request);
      const text = await response.text();
      const ms = Math.round(performance.now() - begin);
      line.append(
        element("strong", {
          className: response.ok ? "good" : "bad",
          textContent: `${response.status} ${response.statusText}`,
        }),
        element("span", { textContent: `${ms} ms` }),
      );
      for (const name of ["ratelimit", "retry-after", "idempotent-replayed", "x-request-id"]) {
        const value = response.headers.get(name);
        if (value !== null) line.append(element("span", { textContent: `${name}: ${value}` }));
      }
      const block = element(
        "div",
        { className: "code" },
        element("pre", {}, element("code", { textContent: pretty(text) })),
      );
      result.replaceChildren(line, block);
    } catch {
      result.replaceChildren(element("strong", { className: "bad", textContent: "The gateway does not answer." }));
    } finally {
      button.disabled = false;
    }
  }

  function pretty(text) {
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // As it came.
    }
    return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}\n…` : shown;
  }

  function choose(tab) {
    const tabs = [...tab.parentElement.children];
    const panels = [...tab.closest(".tabs").querySelectorAll("[role=tabpanel]")];
    tabs.forEach((one, i) => {
      one.setAttribute("aria-selected", String(one === tab));
      panels[i].hidden = one !== tab;
    });
  }

  async function copy(button) {
    try {
      const code = button.parentElement.querySelector("code");
      await navigator.clipboard.writeText(
        (code.dataset.text || code.textContent).replaceAll(KEY_PLACE, key || KEY_PLACE),
      );
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.id === "key-form") void use(byId("key").value);
    else void send(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.matches("[role=tab]")) choose(target);
    else if (target.matches(".copy")) void copy(target);
    else if (target.id === "forget") forget();
    else if (target.id === "demo-key") void use(target.dataset.key);
  });

  byId("key").value = key;
  refresh();
  void show().then(() => {
    // What the address names may have come with the operations.
    const named = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (named) named.scrollIntoView();
  });
})();
