// The export dialog: files, the clipboard, and the call that was made as code.
import { store, chosen, selected } from "./store.js";
import { objectOf, toRequest } from "./ask.js";
import { formats, maskPng, result } from "./formats.js";
import { byId, make } from "./dom.js";
import { counted, say, toast } from "./tell.js";

const full = objects => objects.filter(o => !o.mask.isEmpty); // what was erased to the last pixel has no place in any format

// All objects that show, or the selected ones alone; without any what words found, or the mask that is being asked for.
function wanted(alone) {
  if (alone) return full(selected());
  const all = full(store.doc.objects.filter(o => !o.hidden));
  if (all.length) return all;
  const words = store.doc.words.filter(w => w.visible).flatMap(w => w.masks.map(m => ({ ...objectOf({ ...m, label: m.label ?? w.text }), color: w.color })));
  if (words.length) return words;
  return chosen() ? [objectOf(chosen())] : [];
}

export function download(file) {
  const files = [file, file.beside].filter(Boolean);
  for (const { name, blob } of files) {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  say(`${files.map(f => f.name).join(" and ")} ${files.length > 1 ? "are" : "is"} saved.`);
}

async function copy(what, make) {
  try {
    await make();
    toast(`${what} copied.`);
  } catch {
    toast("The browser does not let this page use the clipboard here (plain http from another machine, or it was not allowed).");
  }
}

// The question that the page would ask now, as others would ask it.
export function question() {
  const { doc, image } = store, prompts = [];
  if (doc.prompt.points.length || doc.prompt.box) prompts.push(toRequest(doc.prompt));
  else if (doc.words.length) prompts.push({ names: doc.words.map(w => w.text) });
  else {
    const [x1, y1, x2, y2] = doc.region ?? [0, 0, image.width, image.height];
    prompts.push({ points: [[Math.round((x1 + x2) / 2), Math.round((y1 + y2) / 2), 1]] });
  }
  // One question has one threshold: that of the words, if they have the same.
  const threshold = prompts[0].names && doc.words.every(w => w.threshold === doc.words[0].threshold) ? doc.words[0].threshold : null;
  return { image: { id: image.id }, prompts, ...(doc.region ? { region: doc.region } : {}), ...(threshold === null ? {} : { presence_threshold: threshold }) };
}

// A word of the shell, and within it a file's name as curl reads it.
const word = text => `'${text.replaceAll("'", "'\\''")}'`, named = name => `"${name.replace(/[\\"]/g, "\\$&")}"`;

export function curl() {
  const ask = question();
  const key = sessionStorage.getItem("semsam-key") ? ` \\\n  -H "Authorization: Bearer $SEMSAM_API_KEY"` : "";
  delete ask.image;
  // As a plain text: in a part of -F curl takes what follows a semicolon for a type.
  const parts = [`-F ${word(`image=@${named(store.image.name)}`)}`, `--form-string ${word(`request=${JSON.stringify(ask)}`)}`];
  return `curl ${location.origin}/api/v1/segment${key} \\\n  ${parts.join(" \\\n  ")}`;
}

// A text of C#, which ends its lines at two signs that JSON leaves as they are.
const literal = text => JSON.stringify(text).replace(/[\u0085\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function csharp() {
  const { prompts: [prompt], region, presence_threshold: threshold } = question(), lines = [], [left, top] = region ?? [0, 0];
  const f = v => `${Math.round(v * 10) / 10}f`, file = literal(store.image.name);
  if (prompt.points) lines.push(`Points = [${prompt.points.map(([x, y, p]) => `new(${f(x - left)}, ${f(y - top)}${p ? "" : ", false"})`).join(", ")}]`);
  if (prompt.box) lines.push(`Box = new(${prompt.box.map((v, i) => f(v - (i % 2 ? top : left))).join(", ")})`);
  if (prompt.names) lines.push(`Names = [${prompt.names.map(literal).join(", ")}]`);
  const [x1, y1, x2, y2] = region ?? [], options = threshold === undefined ? "" : `, new SegmentOptions { PresenceThreshold = ${threshold} }`;
  const what = region ? `ImageDecoder.Decode(${file}).Crop(${x1}, ${y1}, ${x2 - x1}, ${y2 - y1})` : file; // masks are those of the region then
  return `using SemanticSam.Engine;\n${region ? "using SemanticSam.Imaging;\n" : ""}\nusing var model = SegmentationModel.Default();\n` +
    `using var session = model.Open(${what});\n` +
    `foreach (var mask in session.Segment(new Prompt { ${lines.join(", ")} }${options}))\n` +
    `    Console.WriteLine($"{mask.Level}: {mask.Area} pixels, score {mask.PredictedIou:0.00}");`;
}

// One object is selected by being finished or found last, several by a person who means them.
export function openExport() {
  if (!store.image) return toast("Open a picture first.");
  show(selected().length > 1);
  byId("export-dialog").showModal();
}

function show(alone) {
  const objects = wanted(alone), { image, model } = store, picked = selected().length, all = wanted(false).length;
  const of = alone ? selected() : store.doc.objects.filter(o => !o.hidden), empty = of.length - full(of).length;
  const left = empty ? ` ${counted(empty, "object")} without a pixel left out.` : "";
  const what = (objects.length === 0 ? "There is no mask yet; the code below still works." : `${counted(objects.length, "object")}.`) + left;
  const only = make("input", { type: "checkbox", id: "export-selected", checked: alone, onchange: () => {
    show(only.checked);
    byId("export-selected").focus();
  } });
  const choice = picked && (picked !== all || alone) ? make("label.check", {}, only, `The selected alone, ${picked} of ${store.doc.objects.length}`) : null;
  const button = (properties, ...children) => make("button", { type: "button", ...properties }, ...children), disabled = !objects.length;
  const files = formats.map(([id, name, hint, write]) =>
    button({ disabled, id: `export-${id}`, onclick: async () => download(await write(image, objects, store.tolerance, model)) },
      name, make("small", {}, hint)));
  const clip = navigator.clipboard;
  const copies = [
    ["Copy mask", "Mask", () => clip.write([new ClipboardItem({ "image/png": maskPng(image, objects) })])],
    ["Copy RLE", "Run lengths", () => clip.writeText(JSON.stringify(objects.map(o => o.mask)))],
    ["Copy JSON", "JSON", () => clip.writeText(JSON.stringify(result(image, model, objects)))],
  ].map(([text, name, run]) => button({ disabled, onclick: () => copy(name, run) }, text));
  const code = (title, text) => make("div.code", {}, make("h3", {}, title),
    button({ ariaLabel: `Copy ${title}`, onclick: () => copy(title, () => clip.writeText(text)) }, "Copy"),
    make("pre", { tabIndex: 0, ariaLabel: title }, text));
  byId("export-body").replaceChildren(make("div.row", {}, make("p.quiet", {}, what), choice), make("div.formats", {}, ...files),
    make("div.row.wrap", {}, ...copies), code("curl", curl()), code("C#", csharp()));
}
