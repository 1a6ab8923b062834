// Charts under an answer: rows of label and figure with bars, read aloud as a list of figures.

import { make } from "./chat-parts.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.chart { max-width: 520px; margin-top: 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); padding: 12px 16px }
.chart h3 { font-size: 13px; line-height: 20px; font-weight: 500; color: var(--soft-ink) }
.bars { display: grid; grid-template-columns: fit-content(45%) minmax(40px, 1fr) auto; column-gap: 16px }
.bars > div { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: center; min-height: 32px }
.bars dt { min-width: 0; color: var(--soft-ink); font-size: 13px; line-height: 18px }
.bars dd { display: grid; grid-template-columns: subgrid; grid-column: 2 / -1; align-items: center; text-align: end; font-weight: 500; white-space: nowrap }
.bar { height: 10px; border-radius: 2px; background: var(--sunk); overflow: hidden }
.bar i { display: block; height: 100%; background: var(--accent) }
@media (max-width: 480px) {
  .bars { grid-template-columns: fit-content(40%) minmax(24px, 1fr) auto; column-gap: 8px } .chart { padding: 12px }
}
@media (forced-colors: active) { .bar { border: 1px solid CanvasText } .bar i { background: CanvasText; forced-color-adjust: none } }
`);

/** How long each bar is, in percent: what is no share is nothing. */
function lengths(extra, count) {
  const said = (extra.shares || "").split(" ").map(Number);
  return Array.from({ length: count }, (_, at) => Math.min(Math.max(said[at] || 0, 0), 1) * 100);
}

/** Draw a chart into its place. */
export function draw(place, { label, rows, extra }) {
  const root = place.getRootNode();
  if (root.adoptedStyleSheets?.includes(sheet) === false) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const long = lengths(extra, rows.length);
  const list = rows.map(([name, figure], at) => {
    const bar = make("i");
    bar.style.inlineSize = `${long[at]}%`;
    if (long[at]) bar.style.minInlineSize = "2px";
    const track = make("span", { class: "bar", "aria-hidden": "true" }, bar);
    return make("div", {}, make("dt", { dir: "auto" }, name), make("dd", {}, track, make("bdi", {}, figure)));
  });
  const stays = root.querySelector?.(".scroll");
  const wasAtEnd = stays && stays.scrollHeight - stays.scrollTop - stays.clientHeight < 80;
  place.className = "chart";
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", label);
  place.replaceChildren(make("h3", { dir: "auto" }, label), make("dl", { class: "bars" }, ...list));
  if (wasAtEnd) stays.scrollTop = stays.scrollHeight; // the end of the thread stays in sight
}
