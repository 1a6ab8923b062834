// Lists and quotes in the words of a message: amounts in columns, items in rows. The text itself stays whole.

import { make } from "./chat-parts.js";
import { inline } from "./chat-text.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.words ul { list-style: none; padding: 0; margin: 8px 0 }
.words li { padding: 4px 0; border-top: 1px solid var(--line) }
.items li:has(.plain) { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; padding: 0; white-space: normal } .items .plain { text-align: start }
.words li:last-child { border-bottom: 1px solid var(--line) }
.sums { display: grid; grid-template-columns: fit-content(50%) 1fr auto; column-gap: 16px }
.sums li { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: baseline }
.sum { grid-area: 1 / 3; text-align: end; font-weight: 500; white-space: nowrap }
.rest { grid-column: 2; color: var(--soft-ink) } .sum:first-child + .rest { grid-column: 1 / 3; grid-row: 1; color: inherit }
blockquote { border-inline-start: 3px solid var(--mid-line); padding: 4px 0 4px 12px; margin: 8px 0 }
@media (max-width: 480px) { .sums { grid-template-columns: 1fr auto auto } .rest { grid-column: 1 / 3 } }
`);

const NUMBER = String.raw`\d+(?:[.,’\u00a0\u202f]\d{3})*(?:[.,]\d\d)?`;
const MONEY = String.raw`[-−]?(?:[$€£]\s?${NUMBER}|${NUMBER}\s?(?:[$€£]|[A-Z]{3}\b))`;
const ROW = new RegExp(`^(?:(.{1,90}?)(\\s?: ))?(${MONEY})(,? ?)(.*)$`);

const unseen = (text) => make("span", { class: "unseen" }, text);

function sum(line, base) {
  const [, name, colon, amount, comma, rest] = ROW.exec(line);
  const what = name && make("span", { class: "what" }, ...inline(name, base), unseen(colon));
  const more = rest && make("span", { class: "rest" }, unseen(comma), ...inline(rest, base));
  return [what, make("bdi", { class: "sum" }, amount), more];
}

function item(line, base) {
  const [, dot, rest] = /^([•–] )?(.*)$/s.exec(line);
  return [dot && unseen(dot), ...inline(rest, base)];
}

/** Where a list that begins at a line ends, and what it is: "sums", "items" or "quote". */
function runFrom(lines, start) {
  const until = (fits) => {
    let end = start;
    while (end < lines.length && fits(lines[end])) end += 1;
    return end;
  };
  if (/^[“«„]/.test(lines[start])) {
    const last = lines.findIndex((line, at) => at >= start && /[”»“]$/.test(line.slice(1)));
    if (last >= 0) return ["quote", last + 1];
  }
  const sums = until((line) => ROW.exec(line)?.[1]);
  if (start && sums - start > 1) return ["sums", sums];
  const bare = until((line) => ROW.test(line));
  if (start && bare - start > 2) return ["sums", bare];
  const dotted = until((line) => /^[•–] /.test(line));
  if (dotted > start) return ["items", dotted];
  const following = until(Boolean);
  return start && lines[start - 1].endsWith(":") && following - start > 1 ? ["items", following] : ["", start + 1];
}

/** Draw the lists of a text into its box. */
export function draw(box, text, base, choices) {
  const lines = text.split("\n");
  const made = [];
  for (let start = 0; start < lines.length; ) {
    const [kind, end] = runFrom(lines, start);
    const ended = (at) => (at < lines.length - 1 ? "\n" : "");
    if (kind === "quote") made.push(make("blockquote", {}, ...inline(lines.slice(start, end).join("\n") + ended(end - 1), base)));
    else if (kind) {
      const row = kind === "sums" ? sum : item;
      const rows = lines.slice(start, end).map((line, at) => make("li", {}, ...row(line, base), ended(start + at)));
      made.push(make("ul", { class: kind }, ...rows));
    } else made.push(...inline(lines[start] + ended(start), base));
    start = end;
  }
  box.replaceChildren(...made);
  const root = box.getRootNode();
  if (root.adoptedStyleSheets?.includes(sheet) === false) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  chosenInList(box, choices);
}

/** Where every item of a list is also offered as a choice, the items themselves become the choices. */
function chosenInList(box, choices) {
  const items = [...box.querySelectorAll(".items li")];
  const rests = items.map((one, at) => one.textContent.replace(/^[•–] /, "").split(choices[at]?.textContent));
  if (!items.length || items.length !== choices.length || rests.some(([before, after]) => before || after === undefined)) return;
  choices[0].parentNode?.remove();
  items.forEach((one, at) => {
    choices[at].className = "plain";
    one.replaceChildren(unseen("• "), choices[at], rests[at].slice(1).join(choices[at].textContent));
  });
}
