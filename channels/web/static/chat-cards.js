// What hangs on a message, as elements: cards, the one filled button, links, files, choices.

import { make, safeAddress } from "./chat-parts.js";
import { opening } from "./chat-text.js";

/** How they look. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.card { border: 1px solid var(--line); border-radius: 10px; background: var(--paper); padding: 12px 16px; margin-top: 12px; max-width: 440px }
.card h3 { font-size: 13px; line-height: 20px; font-weight: 500; color: var(--soft-ink) }
.card .lead { display: flex; flex-direction: column-reverse; padding: 4px 0 8px }
.card .lead dd { font-size: 24px; line-height: 32px; font-weight: 600; letter-spacing: -.01em }
.card .lead dt { font-size: 13px; color: var(--soft-ink) }
.row { display: flex; justify-content: space-between; gap: 4px 24px; padding: 4px 0 }
.row + .row { border-top: 1px solid var(--line) }
.lead + .row { border-top: 1px solid var(--line) }
.row dt { color: var(--soft-ink); min-width: 0 }
.row dd { text-align: end; min-width: 30%; max-width: 70%; font-weight: 500 }

.pay { display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 8px 24px; margin-top: 12px; border-radius: 10px; background: var(--fill); color: var(--on-fill); font-weight: 600; text-decoration: none }
.pay.old { background: none; color: var(--accent); border: 1px solid var(--mid-line) }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 12px }
.choice { min-height: 44px; padding: 8px 16px; border: 1px solid var(--mid-line); border-radius: 10px; background: none; text-align: start }
.choice.first { background: var(--fill); border-color: transparent; color: var(--on-fill); font-weight: 600 }
.choice:not(.first):hover { background: var(--tint); border-color: var(--accent) }
.files, .links { display: flex; flex-direction: column; margin-top: 4px; align-items: flex-start }
.files a, .links a { color: var(--accent); text-underline-offset: 3px; text-decoration-thickness: 1px; display: inline-flex; align-items: center; min-height: 44px }
.sent { width: fit-content; max-width: 100%; margin-inline-start: auto; padding: 8px 12px; border: 1px solid var(--mid-line); border-radius: 10px; font-size: 13px; line-height: 20px }
@container (max-width: 480px) { .pay { display: flex } }
@media (forced-colors: active) { .pay { border: 1px solid ButtonText } }
`);

function card({ label, rows, extra }) {
  const lead = extra.lead ? rows.findIndex(([name]) => name === extra.lead) : extra.role === "invoice" ? Math.max(0, rows.length - 2) : -1;
  const ordered = lead > 0 ? [rows[lead], ...rows.filter((_, index) => index !== lead)] : rows;
  const list = ordered.map(([name, figure], index) =>
    make("div", { class: lead >= 0 && index === 0 ? "lead" : "row" }, make("dt", { dir: "auto" }, name), make("dd", {}, make("bdi", {}, figure))),
  );
  return make("div", { class: "card", role: "group", "aria-label": label }, make("h3", { dir: "auto" }, label), make("dl", {}, ...list));
}

/** Everything that hangs on a message: cards, the one filled button, links, files, choices. `known` cards are left out. */
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
  const sent = of("media").map((one) => make("div", { class: "sent" }, make("bdi", {}, one.label)));
  made.push(...sent);
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
    if (node.classList.contains("you")) said.add((node.querySelector(".words")?.textContent || "").trim().toLowerCase());
    pay?.classList.toggle("old", !isLast);
    if (choices) {
      const buttons = node.body.attachments.filter((one) => one.kind === "button");
      choices.hidden = !isNewest || (isAnswer(buttons) && buttons.some((one) => said.has(one.value.toLowerCase())));
    }
    if (choices || pay) isNewest = isLast = false;
    if (node.classList.contains("system")) isLast = false; // it may be the receipt
  }
}
