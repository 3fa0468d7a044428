// Changes masks and objects by hand.
import { Mask } from "./mask.js";
import { fill } from "./outline.js";
import { fillHoles, keepLargest, split } from "./regions.js";
import { store, chosen, commit, emptyPrompt, selected, undo } from "./store.js";
import { objectOf, titleOf } from "./ask.js";
import { counted, say, toast } from "./tell.js";

// What is changed: the mask that is being asked for, or the last selected object.
export function target() {
  const candidate = chosen();
  if (candidate) return { candidate };
  const object = selected().findLast(o => !o.locked && !o.hidden);
  return object ? { object } : null;
}

function replace(label, at, mask) {
  if (at.candidate) commit(label, { candidates: store.doc.candidates.map(c => c === at.candidate ? { ...c, mask, logits: null } : c) });
  else commit(label, { objects: store.doc.objects.map(o => o.id === at.object.id ? { ...o, mask } : o) });
}

const maskOf = at => at.candidate?.mask ?? at.object.mask;

// The pixels within half the brush of a stroke.
function strokeMask(points, radius) {
  const { width, height } = store.image;
  let [x0, y0, x1, y1] = [width, height, 0, 0];
  for (const p of points) {
    x0 = Math.min(x0, p.x - radius);
    y0 = Math.min(y0, p.y - radius);
    x1 = Math.max(x1, p.x + radius);
    y1 = Math.max(y1, p.y + radius);
  }
  const box = { x: Math.max(0, Math.floor(x0)), y: Math.max(0, Math.floor(y0)) };
  box.width = Math.min(width, Math.ceil(x1)) - box.x;
  box.height = Math.min(height, Math.ceil(y1)) - box.y;
  if (!(box.width > 0 && box.height > 0)) return Mask.empty(width, height);
  const bits = new Uint8Array(box.width * box.height), step = Math.max(0.5, radius / 4);
  const disc = (cx, cy) => {
    for (let y = Math.max(0, Math.floor(cy - radius - box.y)); y < Math.min(box.height, cy + radius - box.y + 1); y++) {
      const dy = y + box.y + 0.5 - cy, half = radius * radius - dy * dy;
      if (half < 0) continue;
      const reach = Math.sqrt(half), middle = cx - box.x - 0.5;
      const from = Math.max(0, Math.ceil(middle - reach)), to = Math.min(box.width, Math.floor(middle + reach) + 1);
      if (to > from) bits.fill(1, y * box.width + from, y * box.width + to);
    }
  };
  points.forEach((p, i) => {
    const before = points[Math.max(0, i - 1)], length = Math.hypot(p.x - before.x, p.y - before.y), n = Math.max(1, Math.ceil(length / step));
    for (let k = 1; k <= n; k++) disc(before.x + (p.x - before.x) * k / n, before.y + (p.y - before.y) * k / n);
  });
  return Mask.fromBitmap(bits, box, width, height);
}

export function endStroke(points, erase) {
  apply(strokeMask(points, store.brush / 2), erase, erase ? "erase" : "brush");
}

export function lassoMask(points, erase) {
  if (points.length < 3) return;
  apply(fill([points.flatMap(p => [p.x, p.y])], store.image.width, store.image.height), erase, "lasso");
}

function apply(mask, erase, label) {
  const at = target();
  if (mask.isEmpty) return;
  if (!at && erase) return toast("Select an object to take something away from.");
  if (!at) {
    const object = objectOf({ mask });
    return commit(label, { objects: [...store.doc.objects, object], selection: [object.id] });
  }
  replace(label, at, erase ? maskOf(at).subtract(mask) : maskOf(at).union(mask));
}

const needTarget = run => {
  const at = target();
  if (at) run(at);
  else toast("There is no mask to change: click on something, or select an object that is not locked.");
};

export const holes = () => needTarget(at => replace("fill holes", at, fillHoles(maskOf(at))));
export const largest = () => needTarget(at => replace("keep largest", at, keepLargest(maskOf(at))));
export const replaceMask = (label, mask) => needTarget(at => replace(label, at, mask));
export const targetMask = () => target() ? maskOf(target()) : null;

// Two or more selected objects become one; or the later ones are taken away from the first.
export function combine(kind) {
  const objects = selected().filter(o => !o.locked);
  if (objects.length < 2) return toast("Select two or more objects that are not locked (Shift and click).");
  const [first, ...rest] = objects;
  const mask = rest.reduce((m, o) => kind === "union" ? m.union(o.mask) : kind === "subtract" ? m.subtract(o.mask) : m.intersect(o.mask), first.mask);
  if (mask.isEmpty) return toast("Nothing would be left.");
  const gone = kind === "subtract" ? [] : rest.map(o => o.id);
  const changed = o => o.id === first.id ? { ...o, mask } : gone.includes(o.parent) ? { ...o, parent: first.id } : o;
  commit(kind, { objects: store.doc.objects.filter(o => !gone.includes(o.id)).map(changed), selection: [first.id] });
}

export function splitSelected() {
  const object = selected().find(o => !o.locked);
  if (!object) return toast("Select an object that is not locked.");
  const pieces = split(object.mask);
  if (pieces.length < 2) return toast("This object is one piece.");
  const made = pieces.slice(1).map(mask => objectOf({ mask, label: object.name, level: object.level }, { parent: object.parent }));
  const objects = store.doc.objects.map(o => o.id === object.id ? { ...o, mask: pieces[0] } : o);
  commit("split", { objects: [...objects, ...made], selection: [object.id, ...made.map(o => o.id)] });
}

// The smallest object at a place; small things lie on large ones.
export const pickObject = p => store.doc.objects.filter(o => !o.hidden && o.mask.contains(p.x, p.y)).sort((a, b) => a.mask.area - b.mask.area)[0]?.id ?? null;

export function select(id, more = false) {
  const { selection } = store.doc;
  const next = id === null ? [] : !more ? [id] : selection.includes(id) ? selection.filter(s => s !== id) : [...selection, id];
  commit("select", { selection: next });
  if (id !== null) say(`${titleOf(store.doc.objects.find(o => o.id === id))} ${next.includes(id) ? "selected" : "no longer selected"}.`);
}

export function change(ids, patch, label) {
  commit(label, { objects: store.doc.objects.map(o => ids.includes(o.id) ? { ...o, ...(typeof patch === "function" ? patch(o) : patch) } : o) });
}

export function remove(ids) {
  const gone = store.doc.objects.filter(o => ids.includes(o.id) && !o.locked).map(o => o.id);
  if (!gone.length) return ids.length ? toast("What is locked cannot be deleted.") : undefined;
  const parentOf = id => store.doc.objects.find(o => o.id === id)?.parent ?? null;
  const heir = id => id !== null && gone.includes(id) ? heir(parentOf(id)) : id;
  const objects = store.doc.objects.filter(o => !gone.includes(o.id)).map(o => ({ ...o, parent: heir(o.parent) }));
  const before = store.doc;
  commit("delete", { objects, selection: before.selection.filter(id => !gone.includes(id)) });
  const after = store.doc;
  // It takes the deletion back, and not what was done since.
  toast(`${counted(gone.length, "object")} deleted.`, "Undo", () => store.doc === after ? undo() : bringBack(before, gone));
}

function bringBack({ objects }, ids) {
  const back = objects.filter(o => ids.includes(o.id)), all = [...store.doc.objects, ...back], parent = new Map(objects.map(o => [o.id, o.parent]));
  // What lay below them does again.
  const below = o => {
    const was = parent.get(o.id), now = ids.includes(was) ? was : o.parent;
    return { ...o, parent: all.some(p => p.id === now) ? now : null };
  };
  commit("bring back", { objects: all.map(below), selection: back.map(o => o.id) });
}

export function group() {
  const objects = selected();
  if (objects.length < 2) return toast("Select two or more objects to group (Shift and click).");
  const same = objects.every(o => o.group && o.group === objects[0].group);
  const taken = new Set(store.doc.objects.map(o => o.group));
  let number = 1;
  while (taken.has(`Group ${number}`)) number++;
  const name = same ? null : `Group ${number}`;
  change(objects.map(o => o.id), { group: name }, same ? "ungroup" : "group");
}

export function solo(id) {
  const on = !store.doc.objects.find(o => o.id === id)?.solo;
  commit("solo", { objects: store.doc.objects.map(o => ({ ...o, solo: on && o.id === id })) });
}

// Looks at a part of the picture alone.
export function lookAtRegion({ x1, y1, x2, y2 }) {
  commit("region", { region: [Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)], candidates: [], prompt: emptyPrompt() });
}

export function clearPrompt() {
  if (store.doc.prompt.points.length || store.doc.prompt.box || store.doc.candidates.length) commit("clear", { prompt: emptyPrompt(), candidates: [] });
}
