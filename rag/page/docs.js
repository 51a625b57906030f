/** /docs: the routes of /openapi.json in plain words, offline. */

import { readDescription } from "./api.js";
import { byId, el } from "./dom.js";
import { Schemas } from "./docs_schema.js";
import { tryForm } from "./docs_try.js";
import { startKeyButton } from "./key_dialog.js";
import { problemCard } from "./problem_card.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

startKeyButton();
await show();

async function show() {
  try {
    showAll(await readDescription());
  } catch (problem) {
    byId("main").replaceChildren(problemCard(problem, show));
  }
  byId("waiting").hidden = true;
  byId("docs").hidden = false; // all at once: what is shown does not jump
  if (location.hash) byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function showAll(api) {
  const schemas = new Schemas(api.components?.schemas ?? {});
  const routes = routesOf(api);
  const intro = [el("h1", {}, api.info.title), ...paragraphs(api.info.description)];
  const structures = [el("h2", { id: "schemas" }, "数据结构"), ...schemas.sections()];
  byId("main").replaceChildren(...intro, ...routes.map((route) => routeSection(route, schemas)), ...structures);
  byId("routes").replaceChildren(...routeLinks(routes));
}

/** Every operation with its method and path, in the order of the description. */
function routesOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const parameters = [...(item.parameters ?? []), ...(item[method].parameters ?? [])];
      return { method, path, id: `${method}${path}`, ...item[method], parameters };
    }),
  );
}

function routeLinks(routes) {
  const tags = [...new Set(routes.map(({ tags: [tag] = [] }) => tag ?? "其他"))];
  return tags.flatMap((tag) => [
    el("p", { class: "fine" }, tag),
    el("ul", {}, ...routes.filter(({ tags: [own] = [] }) => (own ?? "其他") === tag).map(({ id, method, path, summary }) =>
      el("li", {}, el("a", { href: `#${encodeURIComponent(id)}`, title: summary }, badge(method), path)))),
  ]);
}

function routeSection(route, schemas) {
  const { id, method, path, summary, description, parameters, requestBody, responses } = route;
  return el(
    "section",
    { class: "route", id, "aria-label": `${method.toUpperCase()} ${path}` },
    el("h2", {}, badge(method), el("code", {}, path)),
    el("p", { class: "route-summary" }, summary ?? ""),
    ...paragraphs(description),
    ...parameterTable(parameters, schemas),
    ...bodyParts(requestBody, schemas),
    el("h3", {}, "返回"),
    el("ul", { class: "answers" }, ...Object.entries(responses ?? {}).map(([status, answer]) => answerItem(status, answer, schemas))),
    tryForm(route, schemas),
  );
}

function parameterTable(parameters, schemas) {
  if (!parameters.length) return [];
  const rows = parameters.map(({ name, required, description, schema }) => ({
    name, required, schema, description: description ?? schema?.description,
  }));
  return [el("h3", {}, "参数"), schemas.table(rows)];
}

function bodyParts(requestBody, schemas) {
  return Object.entries(requestBody?.content ?? {}).flatMap(([mediaType, { schema = {} }]) => {
    const fields = schemas.fields(schema);
    return [el("h3", {}, "正文 ", el("code", {}, mediaType)), fields.length ? schemas.table(fields) : el("p", {}, schemas.type(schema))];
  });
}

function answerItem(status, { description, content = {} }, schemas) {
  const types = Object.entries(content).map(([mediaType, { schema = {} }]) => el("span", {}, el("code", {}, mediaType), " ", schemas.type(schema)));
  return el("li", {}, el("strong", {}, status === "default" ? "其他" : status), ` ${description === "Successful Response" ? "成功" : description} `, ...types);
}

function badge(method) {
  return el("span", { class: `method ${method}` }, method.toUpperCase());
}

/** Paragraphs; `code` in backquotes is all the markup that descriptions here use. */
function paragraphs(text = "") {
  return text.split(/\n{2,}/).filter(Boolean).map((paragraph) =>
    el("p", {}, ...paragraph.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part))));
}
