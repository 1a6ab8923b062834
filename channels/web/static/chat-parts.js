// What a message is made of, as elements. Text from people and records only ever becomes text.

import { opening } from "./chat-text.js";

/** An element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** The address if it may be opened: http, https, or a path of ours. Anything else (javascript:, data:) is none. */
export function safeAddress(value, base) {
  try {
    const address = new URL(value, base);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/** The box of a message's words; long ones are folded. */
export function folded(box, text, say) {
  const isLong = text.length > 1600 || text.split("\n").length > 18;
  if (isLong) import("./chat-rare.js").then(({ fold }) => fold(box, say), () => {});
  return box;
}

function card({ label, rows, extra }) {
  const lead = extra.lead ? rows.findIndex(([name]) => name === extra.lead) : extra.role === "invoice" ? Math.max(0, rows.length - 2) : -1;
  const ordered = lead > 0 ? [rows[lead], ...rows.filter((_, index) => index !== lead)] : rows;
  const list = ordered.map(([name, figure], index) =>
    make("div", { class: lead >= 0 && index === 0 ? "lead" : "row" }, make("dt", { dir: "auto" }, name), make("dd", {}, make("bdi", {}, figure))),
  );
  return make("div", { class: "card", role: "group", "aria-label": label }, make("h3", { dir: "auto" }, label), make("dl", {}, ...list));
}

/** Everything that hangs on a message. `known` cards are left out. */
export function attachments(list, { base, press, known = [] }) {
  const of = (kind) => list.filter((one) => one.kind === kind);
  const usable = (one) => safeAddress(one.value, base);
  const cards = of("card");
  const made = cards.filter((one) => !known.includes(cardKey(one))).map(card);
  const [pay, other] = [of("link").filter((one) => one.extra.role === "pay"), of("link").filter((one) => one.extra.role !== "pay")];
  for (const one of of("chart")) {
    const place = make("div");
    import("./chat-chart.js").then(({ draw }) => draw(place, one));
    made.push(place);
  }
  for (const one of pay.filter(usable)) made.push(opening(usable(one), make("bdi", {}, one.label), { class: "pay" }));
  for (const [name, some] of [["links", other], ["files", of("file")]]) {
    const links = some.filter(usable).map((one) => opening(usable(one), make("bdi", {}, one.label)));
    if (links.length) made.push(make("div", { class: name }, ...links));
  }
  const buttons = of("button").map((one) => {
    const button = make("button", { class: "choice", type: "button", dir: "auto", textContent: one.label });
    button.addEventListener("click", () => press(one.label, one.value));
    return button;
  });
  // The first of two answers to a question, or what one does with a bill, is the filled one.
  if (isAnswer(of("button")) || cards.some((one) => one.extra.role === "invoice")) buttons[0]?.classList.add("first");
  if (buttons.length) made.push(make("div", { class: "choices" }, ...buttons));
  return made;
}

/** By what a card is recognised when it comes again. */
export const cardKey = ({ label, rows }) => JSON.stringify([label, rows]);

// Choices that are said as they stand (Yes, No): once said they are spent.
const isAnswer = (buttons) => buttons.length > 1 && buttons.every((one) => one.label === one.value);

/** Only the newest offer stands out: older choices give way to it, and Yes or No to what was answered. */
export function tidy(list) {
  let [isNewest, isLast] = [true, true];
  const said = new Set();
  for (const node of [...list.querySelectorAll("article")].reverse()) {
    const [choices, pay] = [node.querySelector(".choices"), node.querySelector(".pay")];
    if (node.classList.contains("you")) said.add(node.querySelector(".words").textContent.trim().toLowerCase());
    pay?.classList.toggle("old", !isLast);
    if (choices) {
      const buttons = node.body.attachments.filter((one) => one.kind === "button");
      choices.hidden = !isNewest || (isAnswer(buttons) && buttons.some((one) => said.has(one.value.toLowerCase())));
    }
    if (choices || pay) isNewest = isLast = false;
    if (node.classList.contains("system")) isLast = false; // it may be the receipt
  }
}

/** Put a business's colours on an element as --light-fill and so on. */
export function paint(element, look) {
  for (const [name, colour] of Object.entries(look || {})) element.style.setProperty(`--${name}`, colour);
}

/** Draw the empty chat into a root; returns its elements by name. */
export function frame(root, say, title) {
  const status = make("p", { role: "status" }, say.connecting);
  const list = make("div", { class: "list" });
  const ghost = make("div", { class: "ghost", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
  const older = make("button", { class: "plain older", type: "button", hidden: true, textContent: say.earlier });
  // The log itself is silent: each finished answer is announced once, from `aloud`, never its drafts.
  const log = { class: "scroll", tabIndex: 0, role: "log", "aria-live": "off", "aria-label": say.log };
  const scroll = make("div", log, older, ghost, list);
  const aloud = make("p", { class: "unseen", "aria-live": "polite" });
  const newer = make("button", { class: "newer", type: "button", hidden: true, textContent: say.newer });
  const notice = make("div", { class: "notice", hidden: true });
  const named = { placeholder: say.write, "aria-label": say.write };
  const field = make("textarea", { rows: 1, dir: "auto", enterKeyHint: "send", autocomplete: "off", ...named });
  const send = make("button", { class: "send", type: "submit", disabled: true, textContent: say.send });
  const form = make("form", { class: "composer" }, field, send);
  const head = make("header", {}, make("div", {}, make("h2", { dir: "auto" }, title), status));
  root.replaceChildren(head, scroll, make("footer", {}, newer, notice, form), aloud);
  return { status, list, ghost, older, scroll, aloud, newer, notice, field, send, form };
}

/** A day and time as people write it; the year only when it is not this one. */
export function momentWords(moment, language, say) {
  const [hour, now] = [{ hour: "numeric", minute: "2-digit" }, new Date()];
  const isToday = moment.toDateString() === now.toDateString();
  const year = moment.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  const day = isToday ? {} : { weekday: "short", day: "numeric", month: "short", ...year };
  const text = new Intl.DateTimeFormat(language || "en", { ...day, ...hour }).format(moment);
  return isToday ? `${say.today}, ${text}` : text;
}

/** What is read aloud of a finished answer: who, the words, and its cards. */
export function spoken(body, author) {
  const cards = body.attachments.filter((one) => one.kind === "card");
  const rows = cards.map((one) => [one.label, ...one.rows.map((row) => row.join(" "))].join(", "));
  return [`${author}: ${body.text}`, ...rows].join(". ").slice(0, 2000);
}

/** The message above an element of the list. */
export function previousMessage(node) {
  let before = node.previousElementSibling;
  while (before && !before.classList.contains("message")) before = before.previousElementSibling;
  return before;
}
