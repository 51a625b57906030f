/** JSON schemas of the description: types in words, fields as tables, examples as values. */

import { el } from "./dom.js";

const TYPES = new Map([["string", "字符串"], ["integer", "整数"], ["number", "数"], ["boolean", "真假"], ["object", "对象"], ["array", "列表"], ["null", "空"]]);
const LIMITS = [["minimum", "≥"], ["maximum", "≤"], ["minLength", "长度 ≥"], ["maxLength", "长度 ≤"], ["maxItems", "项数 ≤"]];
const DEPTH = 4; // of examples made from schemas

export class Schemas {
  constructor(schemas) {
    this.schemas = schemas;
  }

  /** The schema itself, a reference followed. */
  resolved(schema) {
    return this.schemas[nameOf(schema)] ?? schema;
  }

  /** Fields of an object schema. */
  fields(schema) {
    const { properties = {}, required = [] } = this.resolved(schema);
    return Object.entries(properties).map(([name, field]) => ({
      name, schema: field, required: required.includes(name), description: field.description,
    }));
  }

  /** The type in words; a named one is a link to its table. */
  type(schema = {}) {
    const name = nameOf(schema);
    if (name) return el("a", { href: `#schema-${name}` }, name);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return el("span", {}, ...choices.flatMap((choice, i) => (i ? [" 或 ", this.type(choice)] : [this.type(choice)])));
    if (schema.enum) return el("span", {}, schema.enum.map((value) => JSON.stringify(value)).join(" 或 "));
    if (schema.type === "array") return el("span", {}, "列表：", this.type(schema.items));
    return el("span", {}, TYPES.get(schema.type) ?? "任意");
  }

  /** @param {{name: string, schema: object, required: boolean, description: ?string}[]} rows */
  table(rows) {
    return el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...["名称", "类型", "说明"].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, ...rows.map((row) => this.#row(row))),
    );
  }

  #row({ name, schema = {}, required, description }) {
    const limits = LIMITS.filter(([key]) => schema[key] !== undefined).map(([key, sign]) => `${sign} ${schema[key]}`);
    const given = schema.default != null && !required ? [`默认 ${JSON.stringify(schema.default)}`] : [];
    const notes = [required && "必填", ...limits, ...given].filter(Boolean).join("，");
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, el("code", {}, name)),
      el("td", {}, this.type(schema)),
      el("td", {}, description ?? "", notes && el("span", { class: "fine" }, ` ${notes}`)),
    );
  }

  /** A value that fits the schema: its example, or one made of the fields that have examples or are required. */
  example(schema, depth = 0) {
    const whole = this.resolved(schema);
    if (whole.example !== undefined) return whole.example;
    if (whole.examples?.length) return whole.examples[0];
    if (whole.type === "object" || whole.properties) {
      if (depth >= DEPTH) return {};
      const wanted = this.fields(whole).filter(({ required, schema: field }) => required || field.examples);
      return Object.fromEntries(wanted.map(({ name, schema: field }) => [name, this.example(field, depth + 1)]));
    }
    return whole.default ?? { string: "…", integer: 1, number: 1, boolean: false, array: [] }[whole.type] ?? null;
  }

  /** A table for every named schema that has fields. */
  sections() {
    return Object.keys(this.schemas).sort().flatMap((name) => {
      const fields = this.fields(this.schemas[name]);
      if (!fields.length) return [];
      const description = this.schemas[name].description;
      return [el("section", { id: `schema-${name}` }, el("h3", {}, name), description && el("p", {}, description), this.table(fields))];
    });
  }
}

const nameOf = (schema) => schema?.$ref?.split("/").at(-1);
