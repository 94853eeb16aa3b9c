// Values as one line of text, from what V8's inspector tells of them. No code of the student's runs for it.
import type { Runtime } from "node:inspector";
import { inspect } from "node:util";

type Remote = Runtime.RemoteObject;
type Preview = Runtime.ObjectPreview;

const LONG = 200;
/** Of the elements of a list. */
const SHOWN = 20;

/**
 * @param name of the variable, by which a function is called whose source has lost its name
 * @returns what a variable's line shows
 */
export function describe(value: Remote | undefined, name = ""): string {
  if (!value) return "undefined";
  switch (value.type) {
    case "undefined":
      return "undefined";
    case "string":
      return quoted(String(value.value));
    case "function":
      return describeFunction(value.description ?? "", name);
    case "object":
      return value.subtype === "null" ? "null" : describeObject(value);
    default:
      return value.unserializableValue ?? value.description ?? String(value.value);
  }
}

/** The name of its type: what `typeof` says, or the class. */
export function typeOf(value: Remote): string {
  if (value.type === "function") return "Function";
  if (value.type !== "object") return value.type;
  return value.subtype === "null" ? "null" : (value.className ?? "Object");
}

function quoted(text: string): string {
  return inspect(text, { maxStringLength: LONG, breakLength: Number.POSITIVE_INFINITY });
}

function describeFunction(source: string, variable: string): string {
  const named = /^class\s+([\w$]+)/.exec(source);
  if (/^class\b/.test(source)) return named ? `class ${named[1]}` : "class";
  const head = /^(?:async\s+)?(?:function\s*\*?\s*)?([\w$]*)\s*(\([^)]*\)|[\w$]+(?=\s*=>))/.exec(source);
  const [, own = "", given = "()"] = head ?? [];
  const parameters = given.replace(/\s+/g, " ").replace(/ (?=[,)])/g, "");
  return `ƒ ${own || variable}${parameters.startsWith("(") ? parameters : `(${parameters})`}`;
}

function describeObject({ subtype, description = "Object", className, preview }: Remote): string {
  if (subtype === "error") return description.split("\n", 1)[0] ?? description;
  if (subtype === "date" || subtype === "regexp") return description;
  if (!preview) return description;
  if (subtype === "array" || subtype === "typedarray") {
    const elements = preview.properties.filter(({ name }) => /^\d+$/.test(name));
    const items = list(preview, elements.slice(0, SHOWN).map(shortValue), elements.length > SHOWN);
    return subtype === "array" && className === "Array"
      ? `${description.replace("Array", "")} [${items}]`
      : `${description} [${items}]`;
  }
  if (preview.entries) {
    const items = preview.entries.map(({ key, value }) =>
      key ? `${short(key)} => ${short(value)}` : short(value),
    );
    return `${description} {${list(preview, items)}}`;
  }
  if (subtype === "map" || subtype === "set") return `${description} {}`;
  if (subtype === "promise") {
    const state = preview.properties.find(({ name }) => name === "[[PromiseState]]")?.value;
    const result = preview.properties.find(({ name }) => name === "[[PromiseResult]]");
    return state === "pending" || !result
      ? "Promise {<pending>}"
      : `Promise {<${state}>: ${shortValue(result)}}`;
  }
  const items = list(preview, preview.properties.map(shortProperty));
  return description === "Object" ? `{${items}}` : `${description} {${items}}`;
}

function list({ overflow }: Preview, items: string[], more = overflow): string {
  return [...items, ...(more ? ["…"] : [])].join(", ");
}

function shortProperty(property: Runtime.PropertyPreview): string {
  return `${property.name}: ${shortValue(property)}`;
}

function shortValue({ type, subtype, value = "" }: Runtime.PropertyPreview): string {
  if (type === "accessor") return "(…)";
  if (type === "function") return "ƒ";
  if (type === "string") return quoted(value);
  if (type === "object" && subtype !== "null" && value === "Object") return "{…}";
  return value;
}

function short(preview: Preview): string {
  if (preview.type === "string") return quoted(preview.description ?? "");
  if (preview.type === "object" && preview.description === "Object") return "{…}";
  return preview.description ?? preview.type;
}
