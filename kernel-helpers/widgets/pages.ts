// What runs in the reader's browser, by the anywidget protocol. Values are set as text, never as HTML.

/** A label in front of a control. */
const labelled = `
function labelled(model, el, control) {
  const label = document.createElement("label");
  label.style.cssText = "display: flex; gap: 0.7em; align-items: center; margin: 0.3em 0";
  const words = document.createElement("span");
  words.textContent = model.get("label");
  model.on("change:label", () => { words.textContent = model.get("label"); });
  label.append(words, control);
  el.append(label);
  return label;
}`;

export const button: string = `
export default { render({ model, el }) {
  const control = document.createElement("button");
  control.className = "jupyter-button";
  control.style.cursor = "pointer";
  const show = () => {
    control.textContent = model.get("label");
    control.disabled = model.get("disabled");
  };
  control.addEventListener("click", () => model.send({ click: true }));
  model.on("change:label", show);
  model.on("change:disabled", show);
  show();
  el.append(control);
} };`;

export const slider: string = `${labelled}
export default { render({ model, el }) {
  const control = document.createElement("input");
  control.type = "range";
  const shown = document.createElement("output");
  const show = () => {
    for (const name of ["min", "max", "step"]) control[name] = String(model.get(name));
    control.value = String(model.get("value"));
    shown.textContent = String(model.get("value"));
  };
  control.addEventListener("input", () => {
    shown.textContent = control.value;
    model.set("value", Number(control.value));
    model.save_changes();
  });
  for (const name of ["value", "min", "max", "step"]) model.on("change:" + name, show);
  show();
  labelled(model, el, control).append(shown);
} };`;

export const text: string = `${labelled}
export default { render({ model, el }) {
  const control = document.createElement("input");
  control.type = "text";
  control.placeholder = model.get("placeholder");
  const show = () => { if (control.value !== model.get("value")) control.value = model.get("value"); };
  control.addEventListener("input", () => {
    model.set("value", control.value);
    model.save_changes();
  });
  control.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") model.send({ submit: control.value });
  });
  model.on("change:value", show);
  show();
  labelled(model, el, control);
} };`;

export const table: string = `
export default { render({ model, el }) {
  const table = document.createElement("table");
  const show = () => {
    const rows = model.get("rows");
    const columns = model.get("columns");
    const line = (cells, tag) => {
      const tr = document.createElement("tr");
      for (const cell of cells) {
        const td = document.createElement(tag);
        td.textContent = cell;
        tr.append(td);
      }
      return tr;
    };
    table.replaceChildren(line(columns, "th"), ...rows.map((row) => line(row, "td")));
  };
  model.on("change:rows", show);
  model.on("change:columns", show);
  show();
  el.append(table);
} };`;

export const log: string = `
export default { render({ model, el }) {
  const box = document.createElement("pre");
  box.style.cssText = "max-height: 16em; overflow: auto; margin: 0; padding: 0.4em; border: 1px solid var(--jp-border-color2, #ccc)";
  const show = () => {
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
    box.textContent = model.get("lines").join("\\n");
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  model.on("change:lines", show);
  show();
  el.append(box);
} };`;
