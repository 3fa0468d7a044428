// The export dialog: files, the clipboard, and the call that was made as code.
import { store, chosen, selected } from "./store.js";
import { objectOf, toRequest } from "./ask.js";
import { formats, maskPng, result } from "./formats.js";
import { byId, make } from "./dom.js";
import { say, toast } from "./tell.js";

// The selected objects, or all that show; without any the mask that is being asked for.
function wanted() {
  const picked = selected();
  if (picked.length) return picked;
  const all = store.doc.objects.filter(o => !o.hidden);
  if (all.length) return all;
  const words = store.doc.words.filter(w => w.visible).flatMap(w => w.masks.map(m => ({ ...objectOf({ ...m, label: m.label ?? w.text }), color: w.color })));
  if (words.length) return words;
  return chosen() ? [objectOf(chosen())] : [];
}

export function download({ name, blob }) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  say(`${name} is saved.`);
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
  else prompts.push({ points: [[Math.round(image.width / 2), Math.round(image.height / 2), 1]] });
  return { image: { id: image.id }, prompts, ...(doc.region ? { region: doc.region } : {}) };
}

const quoted = name => name.replace(/[\\"$`']/g, "_");

export function curl() {
  const ask = question(), name = quoted(store.image.name), key = sessionStorage.getItem("semsam-key") ? ` \\\n  -H "Authorization: Bearer $SEMSAM_API_KEY"` : "";
  delete ask.image;
  return `curl ${location.origin}/api/v1/segment${key} \\\n  -F image=@"${name}" \\\n  -F request='${JSON.stringify(ask).replaceAll("'", "\\u0027")}'`;
}

export function csharp() {
  const [prompt] = question().prompts, lines = [], f = v => `${v}f`;
  if (prompt.points) lines.push(`Points = [${prompt.points.map(([x, y, p]) => `new(${f(x)}, ${f(y)}${p ? "" : ", false"})`).join(", ")}]`);
  if (prompt.box) lines.push(`Box = new(${prompt.box.map(f).join(", ")})`);
  if (prompt.names) lines.push(`Names = [${prompt.names.map(n => JSON.stringify(n)).join(", ")}]`);
  return `using SemanticSam.Engine;\n\nusing var model = SegmentationModel.Default();\nusing var session = model.Open("${quoted(store.image.name)}");\n` +
    `foreach (var mask in session.Segment(new Prompt { ${lines.join(", ")} }))\n    Console.WriteLine($"{mask.Level}: {mask.Area} pixels, score {mask.PredictedIou:0.00}");`;
}

export function openExport() {
  if (!store.image) return toast("Open a picture first.");
  const objects = wanted(), { image, model } = store, body = byId("export-body");
  const what = objects.length === 0 ? "There is no mask yet; the code below still works." : `${objects.length} ${objects.length === 1 ? "object" : "objects"}${selected().length ? ", the selected" : ""}. Only what is selected goes out where something is.`;
  const buttons = formats.map(([id, name, hint, write]) => make("button", {
    type: "button", disabled: !objects.length, id: `export-${id}`, onclick: async () => download(await write(image, objects, store.tolerance, model)),
  }, name, make("small", {}, hint)));
  const copies = make("div.row.wrap", {},
    make("button", { type: "button", disabled: !objects.length, onclick: () => copy("Mask", () => navigator.clipboard.write([new ClipboardItem({ "image/png": maskPng(image, objects) })])) }, "Copy mask"),
    make("button", { type: "button", disabled: !objects.length, onclick: () => copy("Run lengths", () => navigator.clipboard.writeText(JSON.stringify(objects.map(o => o.mask)))) }, "Copy RLE"),
    make("button", { type: "button", disabled: !objects.length, onclick: () => copy("JSON", () => navigator.clipboard.writeText(JSON.stringify(result(image, model, objects)))) }, "Copy JSON"));
  const code = (title, text) => [make("h3", {}, title), make("div.code", {}, make("pre", { tabIndex: 0, ariaLabel: title }, text), make("button", { type: "button", ariaLabel: `Copy ${title}`, onclick: () => copy(title, () => navigator.clipboard.writeText(text)) }, "Copy"))];
  body.replaceChildren(make("p.quiet", {}, what), make("div.formats", {}, ...buttons), copies, ...code("curl", curl()), ...code("C#", csharp()));
  byId("export-dialog").showModal();
}
