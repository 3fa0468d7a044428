// The list of objects, as the tree of wholes and parts that it is.
import { store } from "./store.js";
import { titleOf } from "./ask.js";
import { change, remove, select, solo } from "./edit.js";
import { thumbnail } from "./thumbs.js";
import { byId, icon, make } from "./dom.js";

let shown = null, renaming = null;

// Objects below their parents, with their depth.
export function ordered(objects = store.doc.objects) {
  const children = Map.groupBy(objects, o => objects.some(p => p.id === o.parent) ? o.parent : null), list = [];
  const visit = (parent, depth) => {
    for (const o of children.get(parent) ?? []) {
      list.push([o, depth]);
      visit(o.id, depth + 1);
    }
  };
  visit(null, 0);
  return list;
}

export function show() {
  const { doc } = store;
  byId("object-count").textContent = doc.objects.length || "";
  byId("no-objects").hidden = doc.objects.length > 0;
  if (shown === doc.objects) {
    for (const row of byId("objects").children) mark(row);
    return;
  }
  shown = doc.objects;
  byId("objects").replaceChildren(...ordered().map(([o, depth]) => row(o, depth)));
}

// The list is one stop of the Tab key, with the color of its row a second; arrows lead to the others.
const mark = row => {
  const on = store.doc.selection.includes(Number(row.dataset.id));
  row.ariaSelected = String(on);
  row.tabIndex = row.querySelector("input[type=color]").tabIndex = on || !store.doc.selection.length && row === row.parentNode?.firstChild ? 0 : -1;
};

function row(o, depth) {
  const color = make("input", {
    type: "color", value: o.color, title: "Color", ariaLabel: `Color of ${titleOf(o)}`,
    onchange: () => change([o.id], { color: color.value }, "color"), onclick: e => e.stopPropagation(),
  });
  const toggle = (name, title, on, run) => make(`button.icon${on ? ".on" : ""}`, {
    title, ariaLabel: `${title} ${titleOf(o)}`, tabIndex: -1, onclick: e => {
      e.stopPropagation();
      run();
    },
  }, icon(name));
  const name = renaming === o.id ? nameField(o) : make("div.name", { title: details(o) }, make("b", {}, titleOf(o)), make("small", {}, details(o)));
  const element = make(`div.object${o.hidden ? ".gone" : ""}`, {
    role: "treeitem", ariaLevel: String(depth + 1), onclick: e => select(o.id, e.shiftKey || e.ctrlKey || e.metaKey),
    ondblclick: () => rename(o.id), onkeydown: e => keys(e, o),
  }, color, thumbnail(o.mask, 34, store.image), name,
    toggle("solo", o.solo ? "Show all but" : "Show only", o.solo, () => solo(o.id)),
    toggle(o.hidden ? "closed" : "eye", o.hidden ? "Show" : "Hide", o.hidden, () => change([o.id], { hidden: !o.hidden }, "hide")),
    toggle(o.locked ? "lock" : "open", o.locked ? "Unlock" : "Lock", o.locked, () => change([o.id], { locked: !o.locked }, "lock")),
    toggle("cross", "Delete", false, () => remove([o.id])));
  element.dataset.id = o.id;
  element.style.setProperty("--depth", depth);
  element.ariaLabel = `${titleOf(o)}, ${details(o)}${o.locked ? ", locked" : ""}${o.hidden ? ", hidden" : ""}`;
  queueMicrotask(() => mark(element));
  return element;
}

function details(o) {
  const percent = store.image ? 100 * o.mask.area / (store.image.width * store.image.height) : 0;
  return [o.level, `${percent < 1 ? percent.toFixed(1) : percent.toFixed(0)} %`, o.score?.toFixed(2), o.group].filter(Boolean).join(" · ");
}

export function rename(id) {
  renaming = id;
  shown = null;
  show();
  const field = byId("objects").querySelector(".name input");
  field?.focus();
  field?.select();
}

function nameField(o) {
  let over = false;
  const end = keep => {
    if (over) return;
    over = true;
    renaming = null;
    shown = null;
    if (keep && field.value.trim() && field.value.trim() !== o.name) change([o.id], { name: field.value.trim() }, "rename");
    else show();
  };
  const field = make("input", {
    type: "text", value: o.name, maxLength: 200, ariaLabel: `Name of ${o.name}`, onblur: () => end(true), onclick: e => e.stopPropagation(), onkeydown: e => {
      e.stopPropagation();
      if (e.key === "Enter") end(true);
      if (e.key === "Escape") end(false);
    },
  });
  return make("div.name", {}, field);
}

function keys(e, o) {
  const rows = [...byId("objects").children], at = rows.findIndex(r => Number(r.dataset.id) === o.id);
  const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[e.key];
  if (go !== undefined && rows[go]) {
    const id = Number(rows[go].dataset.id);
    select(id, e.shiftKey);
    byId("objects").querySelector(`[data-id="${id}"]`)?.focus();
  } else if (e.key === "Enter" || e.key === "F2") rename(o.id);
  else if (e.key === "Delete" || e.key === "Backspace") remove(store.doc.selection.length ? store.doc.selection : [o.id]);
  else if (e.key === " ") select(o.id, true);
  else return;
  e.preventDefault();
  e.stopPropagation();
}
