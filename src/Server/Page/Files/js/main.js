// Puts the page together.
import { getModel, onKeyNeeded } from "./api.js";
import { canRedo, canUndo, changed, chosen, commit, redo, reset, forget, saveSoon, set, store, subscribe, undo } from "./store.js";
import { applyTheme, keep, settings } from "./settings.js";
import { fit, isFit, view, zoomBy } from "./view.js";
import * as draw from "./draw.js";
import * as pointer from "./pointer.js";
import * as tools from "./tools.js";
import * as levels from "./levels.js";
import * as words from "./words.js";
import * as objects from "./objects.js";
import * as keys from "./keys.js";
import * as minimap from "./minimap.js";
import { showTip } from "./tip.js";
import { build as buildOpen, fromHash, openKept, openLink, toHash } from "./open.js";
import { openExport } from "./export.js";
import { everything, finish, hasPlace, leave, refresh, relatives, timing } from "./ask.js";
import { followCorners } from "./corners.js";
import { clearPrompt, combine, holes, largest, splitSelected, targetMask } from "./edit.js";
import { polygons } from "./outline.js";
import { byId, whenIdle } from "./dom.js";
import { toast } from "./tell.js";

applyTheme();
draw.attach({ whole: byId("small"), base: byId("base"), asking: byId("asking"), top: byId("canvas") },
  message => toast(`This browser cannot draw the picture: ${message}`));
tools.build();
levels.build();
words.build();
buildOpen();
pointer.listen(byId("canvas"));
keys.listen();
minimap.listen();

new ResizeObserver(([entry]) => {
  const wasFit = store.image && isFit();
  draw.resize(entry.contentRect.width, entry.contentRect.height);
  if (wasFit) fit();
}).observe(byId("stage"));

const actions = {
  undo: () => keys.step(undo, "undo"),
  redo: () => keys.step(redo, "redo"),
  export: openExport,
  finish,
  clear: clearPrompt,
  parts: () => relatives("parts"),
  whole: () => relatives("whole"),
  everything: () => everything(),
  holes,
  largest,
  union: () => combine("union"),
  subtract: () => combine("subtract"),
  split: splitSelected,
  "zoom-in": () => zoomBy(1.25),
  "zoom-out": () => zoomBy(0.8),
  "zoom-fit": keys.fitOr100,
  "busy-stop": () => store.busy?.stop?.abort(),
  menu: () => byId("menu-dialog").showModal(),
  "show-help": () => {
    byId("menu-dialog").close();
    keys.help();
  },
  share: async () => {
    if (!store.image?.ready) return toast("Open a picture first.");
    try {
      await navigator.clipboard.writeText(toHash());
      toast("Link copied. It works as long as this server has the picture in memory.");
    } catch {
      location.hash = new URL(toHash()).hash;
      toast("The link is in the address bar now.");
    }
  },
  forget: () => {
    leave();
    store.image = null;
    reset();
    set("image", null);
    forget();
    byId("menu-dialog").close();
    toast("Forgotten by this browser.");
  },
  sheet: () => {
    const open = byId("panel").classList.toggle("open");
    byId("sheet").ariaExpanded = String(open);
  },
};
for (const [id, run] of Object.entries(actions)) byId(id).addEventListener("click", run);

byId("theme").value = settings.theme;
byId("theme").onchange = () => theme(byId("theme").value);
byId("patterns").checked = settings.patterns;
byId("patterns").onchange = () => {
  settings.patterns = byId("patterns").checked;
  keep();
  draw.redraw(draw.SCENE);
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme(settings.theme));
function theme(name) {
  settings.theme = name;
  keep();
  applyTheme();
  draw.redraw(draw.SCENE);
}

byId("tolerance").oninput = () => {
  store.tolerance = Number(byId("tolerance").value);
  showEdit();
};
byId("brush").oninput = () => set("brush", Number(byId("brush").value));

// ---- what shows follows from what is

const dirty = new Set(), changesScene = what => ["doc", "image", "level", "hover"].includes(what);

subscribe(what => {
  if (what === "levelBy") return levels.stepLevel(Math.sign(store.levelBy));
  if (what === "pointer") return showTip();
  if (what === "doc" || what === "level" || what === "image") followCorners();
  if (changesScene(what)) draw.redraw(draw.SCENE); // before anything else: workers draw it while the panels are brought up to date
  if (!dirty.size) requestAnimationFrame(show);
  dirty.add(what);
  if (what === "doc" && store.image?.ready) saveSoon();
});

function show() {
  const what = new Set(dirty);
  dirty.clear();
  const doc = what.has("doc") || what.has("image") || what.has("level");
  if (doc) {
    levels.show();
    words.show();
    objects.show();
    byId("undo").disabled = !canUndo();
    byId("redo").disabled = !canRedo();
    byId("export").disabled = !store.image;
    byId("everything").disabled = !store.image?.ready;
    byId("parts").disabled = byId("whole").disabled = !hasPlace();
    showEdit();
  }
  if (what.has("image")) showImage();
  if (what.has("tool")) tools.show();
  if (what.has("brush")) {
    byId("brush").value = store.brush;
    byId("brush-size").textContent = `${store.brush} px`;
  }
  if (what.has("busy")) showBusy();
  if (doc || what.has("hover")) showTip();
  if (what.has("view") || what.has("image")) {
    const percent = `${Math.round(view.scale * 100)} %`;
    if (byId("zoom-fit").textContent !== percent) byId("zoom-fit").textContent = percent;
    minimap.show();
  }
  draw.redraw(draw.MARKS | (what.has("view") || what.has("image") ? draw.VIEW : 0));
  draw.draw(); // in this frame, not the next
}

function showImage() {
  const { image } = store;
  byId("start").hidden = image !== null;
  byId("file").textContent = image ? `${image.name} · ${image.width} × ${image.height}` : "";
  byId("cached").hidden = !image?.ready;
  byId("cached").textContent = image?.cached ? "cached" : `encoded in ${image?.encode?.toFixed(1) ?? 0} s`;
  document.title = image ? `${image.name} – SemanticSam` : "SemanticSam";
}

function showBusy() {
  const { busy } = store;
  byId("busy").hidden = !busy;
  if (!busy) return;
  byId("busy-text").textContent = busy.text;
  if (busy.share === null || busy.share === undefined) byId("busy-bar").removeAttribute("value");
  else byId("busy-bar").value = busy.share;
}

let counting = 0;

function showEdit() {
  const mask = targetMask();
  for (const id of ["holes", "largest"]) byId(id).disabled = !mask;
  for (const id of ["union", "subtract"]) byId(id).disabled = store.doc.selection.length < 2;
  byId("split").disabled = store.doc.selection.length !== 1;
  const mine = ++counting, corners = () => `${polygons(mask, store.tolerance).reduce((n, r) => n + r.length / 2, 0)} points`;
  if (mask) whenIdle(() => mine === counting && (byId("corner-count").textContent = corners()));
  else byId("corner-count").textContent = `${store.tolerance} px`;
}

onKeyNeeded(refused => new Promise(resolve => {
  const dialog = byId("key-dialog");
  byId("key-refused").hidden = !refused;
  byId("key").value = "";
  dialog.onclose = () => resolve(dialog.returnValue === "yes" ? byId("key").value.trim() : null);
  if (!dialog.open) dialog.showModal();
}));

// For measurements and tests: what took how long.
globalThis.semsam = { store, timing, view, draw: draw.timings, isSettled: () => !dirty.size && draw.isSettled() };

async function start() {
  try {
    store.model = await getModel();
    words.offer(store.model);
    byId("start-url").hidden = !store.model.limits.takes_urls;
    byId("about").textContent = `Model ${store.model.name}, version ${store.model.version}. The interface is described at /api/v1/openapi.json.`;
  } catch (error) {
    return toast(error.message, "Try again", start);
  }
  await follow(await openKept());
}

// Asks what a link asks, where its picture is open.
async function follow(link) {
  if (!link || !store.image?.ready || store.image.id !== link.id) return;
  commit("link", { prompt: link.prompt, level: link.level, best: link.best, region: link.region, candidates: [] });
  await refresh();
}

addEventListener("hashchange", async () => {
  const link = fromHash();
  if (link && location.href !== toHash()) await follow(store.image?.id === link.id ? link : await openLink(link));
});

for (const what of ["doc", "image", "tool", "brush"]) changed(what);
start();
