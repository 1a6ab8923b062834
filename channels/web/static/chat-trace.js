// "Where this comes from": the demo shows under each answer which tools ran and which records its figures are.

import { make } from "./chat-parts.js";

const WORDS = {
  en: {
    from: "Where this comes from",
    lookedUp: "What was looked up",
    figures: "Each figure and its record",
    figure: "Figure",
    record: "Record",
    nothingRun: "No records were read for this answer.",
  },
  es: {
    from: "De dónde sale",
    lookedUp: "Qué se consultó",
    figures: "Cada cifra y su registro",
    figure: "Cifra",
    record: "Registro",
    nothingRun: "Para esta respuesta no se consultó ningún registro.",
  },
  fr: {
    from: "D’où vient cette réponse",
    lookedUp: "Ce qui a été consulté",
    figures: "Chaque chiffre et sa source",
    figure: "Chiffre",
    record: "Source",
    nothingRun: "Aucune donnée n’a été consultée pour cette réponse.",
  },
  de: {
    from: "Woher diese Angaben stammen",
    lookedUp: "Was nachgesehen wurde",
    figures: "Jede Angabe und ihr Datensatz",
    figure: "Angabe",
    record: "Datensatz",
    nothingRun: "Für diese Antwort wurden keine Daten gelesen.",
  },
};

const CSS = `
.from { margin-top: 0; font-size: 13px; line-height: 20px; }
.from summary { display: inline-flex; align-items: center; min-height: 44px; color: var(--soft-ink); cursor: pointer; text-decoration: underline; text-decoration-color: var(--strong-line); text-underline-offset: 3px; list-style: none; border-radius: 4px; }
.from summary::-webkit-details-marker { display: none; }
.from summary:hover, .from[open] summary { color: var(--ink); }
.from .inside { border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; background: var(--paper); }
.from h4 { font-size: 13px; font-weight: 600; }
.from h4 ~ h4, .from .made { margin-top: 12px; }
.from ul { list-style: none; padding: 0; }
.from code { font: 13px/20px ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.from .args { color: var(--soft-ink); }
.from table { border-collapse: collapse; width: 100%; }
.from th { font-weight: 400; text-align: start; color: var(--soft-ink); padding: 4px 16px 4px 0; }
.from td { vertical-align: top; padding: 4px 16px 4px 0; border-top: 1px solid var(--line); }
.from td:last-child, .from th:last-child { padding-inline-end: 0; }
.from td:first-child { font-weight: 500; min-width: 96px; }
.from .made { color: var(--soft-ink); }
`;

/** The styles of what `explain` makes. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);

function source({ record, field, version, calculation }) {
  if (calculation) return make("span", {}, calculation);
  return make("code", {}, record, make("wbr"), `.${field}`, make("wbr"), `@${version}`);
}

function argumentWords(args) {
  return Object.entries(args).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
}

/** The tools that ran, and for each figure its record, field and version, folded away under one line. */
export function explain({ tools, figures, model, latency_ms }, language) {
  const say = WORDS[language] || WORDS.en;
  const inside = make("div", { class: "inside" });
  if (tools.length) {
    const ran = tools.map(({ name, args }) => {
      const said = argumentWords(args);
      return make("li", {}, make("code", {}, name), said && make("code", { class: "args" }, `  ${said}`));
    });
    inside.append(make("h4", {}, say.lookedUp), make("ul", {}, ...ran));
  } else inside.append(make("p", {}, say.nothingRun));
  if (figures.length) {
    const head = make("tr", {}, make("th", { scope: "col" }, say.figure), make("th", { scope: "col" }, say.record));
    const rows = figures.map((one) => make("tr", {}, make("td", {}, make("bdi", {}, one.text)), make("td", {}, source(one))));
    inside.append(make("h4", {}, say.figures), make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }
  inside.append(make("p", { class: "made" }, latency_ms === null ? model : `${model}, ${latency_ms} ms`));
  return make("details", { class: "from" }, make("summary", {}, say.from), inside);
}
