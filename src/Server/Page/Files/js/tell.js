// Tells a person what happened: to screen readers always, on the screen where something went wrong or can be taken back.

const byId = id => document.getElementById(id);

export const counted = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

export function say(text) {
  byId("live").textContent = text;
  byId("status").textContent = text;
}

let timer = 0;

// Not from under somebody's hand.
function hide() {
  const box = byId("toast");
  if (box.matches(":hover, :focus-within")) timer = setTimeout(hide, 1000);
  else box.hidden = true;
}

// What was said is over: another picture is open.
export function quiet() {
  byId("toast").hidden = true;
}

export function toast(text, action, run) {
  say(text);
  const box = byId("toast"), button = byId("toast-action");
  byId("toast-text").textContent = text;
  button.hidden = !run;
  button.textContent = action ?? "";
  button.onclick = () => {
    box.hidden = true;
    run?.();
  };
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(hide, run ? 15000 : 7000); // who uses keys needs time to get there
}
