// Words looked for: a chip each, with its color, count, threshold and whether it shows.
import { store, commit, amend } from "./store.js";
import { addWord, askWord, keepWord } from "./ask.js";
import { byId, icon, make } from "./dom.js";

let opened = null;

export function build() {
  const input = byId("word");
  const add = () => {
    const words = input.value.split(",").map(w => w.trim()).filter(Boolean);
    if (store.image && store.model) input.value = ""; // else they are there still, when there is something to look in
    return words.reduce((before, w) => before.then(() => addWord(w)), Promise.resolve());
  };
  input.onkeydown = e => {
    if (e.key === "Enter" || e.key === ",") {
      e.preventDefault();
      add();
    } else if (e.key === "Backspace" && !input.value && store.doc.words.length) remove(store.doc.words.at(-1).text);
    else if (e.key === "Escape") byId("canvas").focus();
  };
  input.onpaste = () => setTimeout(() => input.value.includes(",") && add());
}

export function offer(model) {
  const input = byId("word");
  input.disabled = !model.answers_names;
  if (!model.answers_names) input.placeholder = "This model has no words";
  byId("known").replaceChildren(...[...model.known_wholes, ...model.known_parts].slice(0, 400).map(value => make("option", { value })));
}

const update = (text, patch) => store.doc.words.map(w => w.text === text ? { ...w, ...patch } : w);
const remove = text => commit("remove word", { words: store.doc.words.filter(w => w.text !== text) });

export function show() {
  byId("chips").replaceChildren(...store.doc.words.map(chip));
}

function chip(word) {
  const { text, visible, asked, masks } = word, isOpen = opened === text, count = asked ? `${masks.length} found` : "…";
  const dot = make("i");
  dot.style.background = word.color;
  const more = make("button", {
    title: word.notice ?? "Threshold, color, keep", ariaExpanded: String(isOpen), onclick: () => {
      opened = isOpen ? null : text;
      show();
    },
  }, make("span.text", {}, text), make("span.count", {}, count));
  const verb = visible ? "Hide" : "Show", hide = () => commit("show word", { words: update(text, { visible: !visible }) });
  const box = make(`div.chip${visible ? "" : ".off"}${asked && !masks.length ? ".none" : ""}${isOpen ? ".open" : ""}`, { role: "listitem" }, dot, more,
    make("button.icon", { title: verb, ariaLabel: `${verb} ${text}`, onclick: hide }, icon(visible ? "eye" : "closed")),
    make("button.icon", { title: "Remove", ariaLabel: `Remove ${text}`, onclick: () => remove(text) }, icon("cross")));
  if (isOpen) box.append(details(word));
  return box;
}

function details(word) {
  const value = make("output", {}, word.threshold === null ? "the model's" : word.threshold.toFixed(2));
  const threshold = make("input", {
    type: "range", min: 0, max: 1, step: 0.01, ariaLabel: `Presence threshold of ${word.text}`,
    oninput: () => value.textContent = Number(threshold.value).toFixed(2),
    onchange: () => {
      amend({ words: update(word.text, { threshold: Number(threshold.value), asked: false }) });
      askWord(word.text);
    },
  });
  threshold.value = word.threshold ?? 0.5;
  const color = make("input", {
    type: "color", value: word.color, ariaLabel: `Color of ${word.text}`,
    onchange: () => commit("color", { words: update(word.text, { color: color.value }) }),
  });
  return make("div.chip-more", {}, word.notice ? make("p.quiet", {}, word.notice) : null, make("label.slider", {}, "Presence", threshold, value),
    make("div.row", {}, color, make("button", { type: "button", disabled: !word.masks.length, onclick: () => keepWord(word.text) }, "Keep as objects")));
}
