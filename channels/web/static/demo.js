// The demo's page: who to be, how far that is proved, and the chat that follows the choice.

import * as explaining from "./chat-trace.js";
import { paint } from "./chat-parts.js";

const at = (id) => document.getElementById(id);
const chat = document.querySelector("front-desk");

const MEANING = {
  client: {
    2: "You opened this page signed in. Everything is possible, accepting an estimate included.",
    1: "You write from the number on file. You can read your records, pay, ask and promise; what matters more is asked back.",
    0: "Nobody knows this number. You hear opening hours and how to be recognised, and nothing about any account.",
  },
  staff: {
    2: "You are signed in. You can read, write, and send to clients after your own yes.",
    1: "You write from your number on file. You can read; changes need you to sign in.",
    0: "Nobody knows this number. You hear what a stranger hears.",
  },
};

const FIRST = {
  client: {
    en: ["What’s this invoice for?", "When is it due?", "Did you get my payment?", "How do I pay?", "Where is my estimate?", "What’s the next step?"],
    es: ["¿De qué es esta factura?", "¿Cuándo vence?", "¿Recibieron mi pago?", "¿Cómo puedo pagar?", "¿Dónde está mi presupuesto?"],
    fr: ["À quoi correspond cette facture ?", "Quand est-elle à payer ?", "Avez-vous reçu mon paiement ?", "Comment payer ?"],
    de: ["Wofür ist diese Rechnung?", "Wann ist sie fällig?", "Ist meine Zahlung angekommen?", "Wie kann ich zahlen?"],
  },
  staff: {
    en: ["Who owes us money?", "What’s overdue more than 30 days?", "What came in this month?", "What’s open today?"],
    es: ["¿Quién nos debe dinero?", "¿Qué pagos entraron este mes?"],
    fr: ["Qui nous doit de l’argent ?", "Quels paiements avons-nous reçus ce mois-ci ?"],
    de: ["Wer schuldet uns Geld?", "Welche Zahlungen kamen diesen Monat?"],
  },
};

let businesses = [];
let person = null;
let token = "";
let role = "client";
let turn = 0; // counts choices: a slow answer to an old one is dropped

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function row(one) {
  const input = element("input", { type: "radio", name: "who", value: one.key, checked: person?.key === one.key });
  input.addEventListener("change", () => become(one));
  const isForeign = one.language !== "en" && one.language;
  const name = element("b", { dir: "auto" }, one.name);
  if (isForeign) name.lang = one.language;
  return element("label", {}, input, name, element("small", { dir: "auto" }, one.about));
}

function list() {
  const wanted = at("find").value.trim().toLocaleLowerCase();
  const fits = (one) => one.role === role && `${one.name} ${one.about}`.toLocaleLowerCase().includes(wanted);
  const groups = businesses.map((business) => [business, business.people.filter(fits)]).filter(([, people]) => people.length);
  at("people").replaceChildren(
    ...groups.map(([business, people]) => element("fieldset", {}, element("legend", {}, business.name), ...people.map(row))),
  );
  at("nobody").hidden = groups.length > 0;
  at("clients").setAttribute("aria-pressed", String(role === "client"));
  at("staff").setAttribute("aria-pressed", String(role === "staff"));
}

function level() {
  return Number(document.querySelector("[name=level]:checked").value);
}

async function call(path, options = {}) {
  const answer = await fetch(path, { credentials: "omit", cache: "no-store", ...options });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).sentence || "The desk does not answer.");
  return answer.status === 204 ? null : answer.json();
}

async function become(one) {
  const mine = ++turn;
  const business = businesses.find(({ people }) => people.includes(one));
  try {
    const body = JSON.stringify({ as: one.key, level: level(), business: business.slug });
    const session = await call("/chat/sessions", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (mine !== turn) return end(session.token);
    const old = token;
    [person, token] = [one, session.token];
    paint(document.documentElement, session.business.look);
    chat.suggestions = FIRST[one.role][one.language] || FIRST[one.role].en;
    chat.session = session;
    tell();
    trouble("");
    if (old) end(old);
  } catch (error) {
    trouble(error.message);
  }
}

function end(old) {
  return call("/chat/sessions/end", { method: "POST", headers: { Authorization: `Bearer ${old}` }, keepalive: true }).catch(() => {});
}

function tell() {
  at("now").textContent = person.name;
  at("meaning").textContent = MEANING[person.role][level()];
  const here = new URL(location.href);
  here.searchParams.set("as", person.key);
  history.replaceState(null, "", here);
  for (const input of document.querySelectorAll("[name=who]")) input.checked = input.value === person.key;
}

function trouble(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = !text;
}

function open(isOpen) {
  document.body.classList.toggle("chooses", isOpen);
  at("toggle").setAttribute("aria-expanded", String(isOpen));
  document.querySelector(".change").textContent = isOpen ? "Done" : "Change";
}

function show(kind) {
  role = kind;
  list();
}

async function begin() {
  try {
    businesses = (await call("/chat/people")).businesses;
  } catch (error) {
    return trouble(error.message);
  }
  const everybody = businesses.flatMap(({ people }) => people);
  const asked = new URL(location.href).searchParams.get("as");
  const first = everybody.find((one) => one.key === (asked || "client:dana-lee")) || everybody[0];
  if (!first) return trouble("The demo has nobody yet.");
  role = first.role;
  list();
  await become(first);
  document.querySelector("[name=who]:checked")?.closest("label").scrollIntoView({ block: "nearest" });
}

at("clients").addEventListener("click", () => show("client"));
at("staff").addEventListener("click", () => show("staff"));
at("find").addEventListener("input", list);
at("people").addEventListener("submit", (event) => event.preventDefault());
at("people").addEventListener("click", (event) => event.target.closest("label") && event.detail > 0 && open(false));
at("levels").addEventListener("change", () => person && become(person));
at("toggle").addEventListener("click", () => open(!document.body.classList.contains("chooses")));
chat.addEventListener("restart", () => person && become(person));
document.addEventListener("keydown", (event) => event.key === "Escape" && document.body.classList.contains("chooses") && open(false));

// Web chat, phone and Telegram: one at a time where it is narrow, the chat and one of the others, or all of them.
const ways = [...document.querySelectorAll("[data-way]")];

function go(way) {
  document.body.dataset.way = way;
  // Where the chat always stands there, one of the others is shown too: the phone, unless Telegram was chosen.
  const isBeside = getComputedStyle(ways[0]).display === "none";
  const shown = way === "chat" && isBeside ? ways.find((one) => one !== ways[0] && !one.hidden)?.dataset.way : way;
  for (const one of ways) one.setAttribute("aria-pressed", String(one.dataset.way === shown));
}

function lacks(way) {
  document.body.classList.add(`no-${way}`);
  document.querySelector(`[data-way=${way}]`).hidden = true;
  go(document.body.dataset.way === way ? "chat" : document.body.dataset.way);
}

for (const one of ways) one.addEventListener("click", () => go(one.dataset.way));
addEventListener("resize", () => go(document.body.dataset.way));
document.querySelector("front-phone").addEventListener("nophone", () => lacks("phone"));
document.querySelector("front-telegram").addEventListener("notelegram", () => lacks("telegram"));
go(new URL(location.href).searchParams.has("telegram") ? "telegram" : "chat");
chat.explaining = explaining;
begin();
