/** Trying a route from its description: inputs, a curl line, and what the service answers. */

import { button, el } from "./dom.js";
import { currentKey, keyHeaders, keys } from "./key.js";

const SHOWN = 20_000; // characters of an answer

/** A closed form; nothing is sent until its button is pressed. */
export function tryForm(route, schemas) {
  const inputs = route.parameters.map((parameter) => parameterInput(parameter, route.id));
  const body = bodyInput(route, schemas);
  const request = () => requestOf(route, inputs, body);
  const command = el("pre", { tabindex: "0", "aria-label": "curl 命令" });
  const answer = el("pre", { tabindex: "0", "aria-label": "服务的回答", "aria-live": "polite", hidden: true });
  const refresh = () => (command.textContent = curlOf(request()));
  const form = el(
    "details",
    { class: "try", oninput: refresh },
    el("summary", {}, "试一试"),
    ...inputs.map(({ label }) => label),
    ...(body ? body.nodes : []),
    command,
    button("发送", () => send(request(), answer), { class: "button primary" }),
    answer,
  );
  keys.addEventListener("change", refresh);
  refresh();
  return form;
}

function parameterInput({ name, in: place, required, schema = {} }, id) {
  const input = el("input", { id: `${id}-${name}`, placeholder: schema.default ?? "", required: Boolean(required) });
  return { name, place, input, label: el("label", {}, el("code", {}, name), input) };
}

/** A text area for the body; JSON comes first, files are left to other tools. */
function bodyInput({ requestBody }, schemas) {
  const content = Object.entries(requestBody?.content ?? {}).filter(([mediaType]) => !mediaType.startsWith("multipart/"));
  if (!content.length) return null;
  const kinds = el("select", { "aria-label": "正文格式" }, ...content.map(([mediaType]) => el("option", {}, mediaType)));
  const area = el("textarea", { rows: 6, spellcheck: "false", "aria-label": "正文" });
  const fill = () => {
    const { schema = {}, example } = content[kinds.selectedIndex][1];
    const value = example ?? schemas.example(schema);
    area.value = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  };
  kinds.addEventListener("change", fill);
  fill();
  return { kinds, area, nodes: [kinds, area] };
}

function requestOf({ method, path, parameters }, inputs, body) {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, place, input } of inputs) {
    if (place === "path") address = address.replace(`{${name}}`, input.value ? encodeURIComponent(input.value) : `{${name}}`);
    else if (place === "query" && input.value) query.set(name, input.value);
  }
  return {
    method: method.toUpperCase(),
    address: address + (parameters.length && query.size ? `?${query}` : ""),
    mediaType: body?.kinds.value,
    text: body?.area.value,
  };
}

function curlOf({ method, address, mediaType, text }) {
  const quoted = (part) => `'${part.replaceAll("'", "'\\''")}'`;
  const lines = [`curl -X ${method} ${quoted(location.origin + address)}`];
  if (currentKey()) lines.push('-H "Authorization: Bearer $RAG_KEY"'); // the key itself is shown nowhere
  if (mediaType) lines.push(`-H ${quoted(`Content-Type: ${mediaType}`)}`, `--data-binary ${quoted(text)}`);
  return lines.join(" \\\n  ");
}

async function send({ method, address, mediaType, text }, answer) {
  answer.hidden = false;
  answer.textContent = "正在发送…";
  const since = performance.now();
  try {
    const headers = { ...keyHeaders(currentKey()), ...(mediaType && { "Content-Type": mediaType }) };
    const response = await fetch(address, { method, headers, body: mediaType ? text : undefined });
    const shown = readable(await response.text());
    answer.textContent = `${response.status} ${response.statusText} · ${Math.round(performance.now() - since)} ms\n\n${shown}`;
  } catch {
    answer.textContent = "连不上服务。";
  }
}

/** JSON with line breaks; anything else as it came; never more than can be read. */
function readable(text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // not JSON: events, metrics, nothing at all
  }
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}\n…（其余 ${shown.length - SHOWN} 个字符没有显示）` : shown;
}
