"use strict";
// Draws the OpenAPI document of this hub and lets one try its calls. Everything is put in as text, never as markup.
(() => {
  const METHODS = ["get", "post", "put", "patch", "delete"];
  let spec = {};

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  const resolved = (schema) => {
    if (!schema || !schema.$ref) return schema || {};
    return schema.$ref.split("/").slice(1).reduce((at, part) => at[part], spec);
  };

  const alternatives = (schema) => schema.oneOf || schema.anyOf || null;

  const kindOf = (given) => {
    const schema = resolved(given);
    const choices = alternatives(schema);
    if (choices) return choices.map(kindOf).join(" or ");
    if (schema.enum) return schema.enum.map(String).join(" | ");
    if ("const" in schema) return String(schema.const);
    const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type || (schema.properties ? "object" : "any");
    if (type === "array") return "list of " + kindOf(schema.items || {});
    return schema.format ? `${type} (${schema.format})` : type;
  };

  const inner = (given) => {
    const schema = resolved(given);
    if (schema.properties) return schema;
    if (schema.type === "array" && schema.items) return inner(schema.items);
    return (alternatives(schema) || []).map(inner).find((found) => found) || null;
  };

  const tree = (given, depth = 0) => {
    const schema = inner(given);
    if (!schema || depth > 4) return null;
    const needed = new Set(schema.required || []);
    const list = make("ul", { class: "tree" });
    for (const [name, property] of Object.entries(schema.properties)) {
      const line = make("li", {}, make("code", {}, name), " ", make("span", { class: "kind" }, kindOf(property)));
      if (needed.has(name)) line.append(" ", make("span", { class: "needed" }, "needed"));
      const words = property.description || "";
      if (words) line.append(make("div", { class: "what" }, words));
      const below = tree(property, depth + 1);
      if (below) line.append(below);
      list.append(line);
    }
    return list;
  };

  const example = (given, depth = 0) => {
    const schema = resolved(given);
    if ("default" in schema && schema.default !== null) return schema.default;
    if ("const" in schema) return schema.const;
    if (schema.enum) return schema.enum[0];
    const choices = alternatives(schema);
    if (choices) return example(choices.find((choice) => resolved(choice).type !== "null") || {}, depth);
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    if (schema.properties && depth < 4) {
      const needed = schema.required || [];
      const names = needed.length ? needed : Object.keys(schema.properties);
      return Object.fromEntries(names.map((name) => [name, example(schema.properties[name], depth + 1)]));
    }
    return { string: "", integer: 0, number: 0, boolean: false, array: [], object: {} }[type] ?? null;
  };

  const cookie = (name) => (document.cookie.split("; ").find((part) => part.startsWith(name + "=")) || "").split("=")[1] || "";

  const send = async (method, path, fields, body, answer) => {
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const [parameter, input] of fields) {
      if (input.value === "") continue;
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === "query") query.append(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    const key = document.getElementById("key").value.trim();
    if (key) headers.Authorization = `Bearer ${key}`;
    else if (method !== "get") headers["X-CSRF-Token"] = cookie("patchdeck_csrf");
    if (body) headers["Content-Type"] = "application/json";
    answer.textContent = "…";
    try {
      const response = await fetch(target + (query.size ? `?${query}` : ""), {
        method: method.toUpperCase(), headers, body: body ? body.value : undefined, credentials: key ? "omit" : "same-origin",
      });
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      answer.textContent = `${response.status} ${response.statusText}\n\n${shown}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  };

  const attempt = (method, path, operation, content) => {
    const fields = (operation.parameters || []).map((parameter) => [parameter, make("input", { placeholder: kindOf(parameter.schema || {}), "aria-label": parameter.name })]);
    const form = make("div", {}, make("h3", {}, "Try it"));
    if (fields.length) {
      form.append(make("table", {}, ...fields.map(([parameter, input]) =>
        make("tr", {},
          make("td", {}, make("code", {}, parameter.name), make("div", { class: "kind" }, parameter.in + (parameter.required ? ", needed" : ""))),
          make("td", {}, input, make("div", { class: "what" }, parameter.description || ""))))));
    }
    const body = content ? make("textarea", { spellcheck: "false", "aria-label": "Body" }) : null;
    if (body) { body.value = JSON.stringify(example(content.schema), null, 2); form.append(body); }
    const answer = make("pre", { hidden: "" });
    const button = make("button", { type: "button" }, "Send");
    button.addEventListener("click", () => { answer.hidden = false; send(method, path, fields, body, answer); });
    form.append(button, answer);
    return form;
  };

  const drawn = (method, path, operation) => {
    const block = make("details", { class: "operation", id: operation.operationId || method + path },
      make("summary", {}, make("span", { class: `method ${method}` }, method), make("span", { class: "path" }, path), make("span", { class: "what" }, operation.summary || "")));
    block.addEventListener("toggle", () => {
      if (!block.open || block.childElementCount > 1) return;
      const inside = make("div", { class: "inside" }, make("p", {}, operation.description || ""));
      const content = operation.requestBody ? Object.values(resolved(operation.requestBody).content || {})[0] : null;
      if (content) inside.append(make("h3", {}, "Body"), tree(content.schema) || make("p", {}, kindOf(content.schema)));
      for (const [status, response] of Object.entries(operation.responses || {})) {
        const schema = (Object.values(response.content || {})[0] || {}).schema;
        inside.append(make("h3", {}, `${status} ${response.description || ""}`));
        if (schema) inside.append(tree(schema) || make("p", { class: "kind" }, kindOf(schema)));
      }
      inside.append(attempt(method, path, operation, content));
      block.append(inside);
    });
    return block;
  };

  const draw = () => {
    const groups = new Map();
    for (const [path, item] of Object.entries(spec.paths)) {
      for (const method of METHODS.filter((name) => item[name])) {
        const tag = (item[method].tags || [path.split("/")[3] || "other"])[0];
        if (!groups.has(tag)) groups.set(tag, []);
        groups.get(tag).push([method, path, item[method]]);
      }
    }
    const names = [...groups.keys()].sort();
    const key = make("input", { id: "key", class: "key", type: "password", placeholder: "API key, or leave empty to use your session", autocomplete: "off", "aria-label": "API key" });
    const main = make("main", {}, make("h1", {}, `${spec.info.title} API`), make("p", { class: "what" }, spec.info.description || ""),
      make("p", {}, make("a", { href: "/api/openapi.json" }, "OpenAPI document")), key);
    for (const name of names) {
      main.append(make("h2", { id: `tag-${name}` }, name.replaceAll("-", " ")),
        ...groups.get(name).sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : METHODS.indexOf(a[0]) - METHODS.indexOf(b[0]))).map((one) => drawn(...one)));
    }
    const nav = make("nav", {}, ...names.map((name) => make("a", { href: `#tag-${name}` }, name.replaceAll("-", " "))));
    document.body.append(make("div", { class: "page" }, nav, main));
  };

  fetch("/api/openapi.json").then((response) => response.json()).then((found) => { spec = found; draw(); })
    .catch((error) => document.body.append(make("p", {}, `The document could not be read: ${error}`)));
})();
