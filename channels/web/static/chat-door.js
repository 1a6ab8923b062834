// <front-door>: the button on a page of a website, and the panel that it opens with the chat in it.

import { make, paint } from "./chat-parts.js";
import { Visits } from "./chat-visit.js";
import { wordsFor } from "./chat-words.js";

const HOME = new URL("..", import.meta.url).href.replace(/\/$/, "");
const [SOON, LATER] = [4000, 20000]; // milliseconds between looks for news while the panel is closed

const DARK = "--surface: #1f1e1b; --ink: #ede9e1; --line: #3a3731; --fill: var(--dark-fill); --on-fill: var(--dark-ink); --accent: var(--dark-text); --shadow: 0 8px 32px rgb(0 0 0 / .5); color-scheme: dark;";
const CSS = `
:host {
  all: initial; position: fixed; z-index: var(--frontdesk-z, 2147483000); inset-block-end: 0; inset-inline-end: 0;
  --surface: #fffefc; --ink: #211f1b; --line: #e2ddd3; --fill: var(--light-fill); --on-fill: var(--light-ink); --accent: var(--light-text);
  --shadow: 0 8px 32px rgb(60 50 30 / .22); --gap: var(--frontdesk-gap, 20px); --radius: var(--frontdesk-radius, 14px); color-scheme: light;
  font: 15px/1.5 var(--frontdesk-font, system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif);
}
@media (prefers-color-scheme: dark) { :host(:not([scheme=light])) { ${DARK} } }
:host([scheme=dark]) { ${DARK} }
* { box-sizing: border-box }
button { font: inherit; cursor: pointer }
[hidden] { display: none !important }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.open { position: absolute; inset-block-end: var(--gap); inset-inline-end: var(--gap); display: inline-flex; align-items: center; gap: 8px; min-height: 48px; padding: 8px 20px; border: 1px solid transparent; border-radius: 24px; background: var(--fill); color: var(--on-fill); font-weight: 600; white-space: nowrap; box-shadow: var(--shadow) }
.open:focus-visible { outline-color: var(--ink) }
.count { min-width: 24px; padding: 0 8px; border-radius: 12px; background: var(--on-fill); color: var(--fill); font-size: 13px; line-height: 24px; text-align: center; font-variant-numeric: tabular-nums }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
dialog { position: fixed; inset: auto; inset-block-end: calc(var(--gap) + 60px); inset-inline-end: var(--gap); margin: 0; padding: 0; width: min(var(--frontdesk-width, 400px), 100vw - 2 * var(--gap)); height: min(var(--frontdesk-height, 640px), 100dvh - 2 * var(--gap) - 60px); max-width: none; max-height: none; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); box-shadow: var(--shadow); overflow: hidden }
dialog::backdrop { background: none }
.close { margin-inline-start: auto; min-height: 44px; padding: 0 8px; margin-block: -10px; border: 0; border-radius: 8px; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1px }
.alone { display: flex; flex-direction: column; gap: 8px; align-items: flex-start; padding: 24px }
.alone p { margin: 0 } .alone .close { margin: 0; padding: 0 }
@media (max-width: 480px) { dialog { inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0 } }
@media (prefers-reduced-motion: no-preference) { dialog[open] { animation: rise .16s ease-out } @keyframes rise { from { opacity: 0; transform: translateY(8px) } } }
@media (forced-colors: active) { .open { border-color: ButtonText } }
@media print { :host { display: none } }
`;

class FrontDoor extends HTMLElement {
  #wishes = {};
  #visits = null;
  #site = null;
  #say = {};
  #desk = null; // the chat, once it was opened
  #unread = 0;
  #timer = 0;
  #asked = 0; // when something was last done here
  #identifying = Promise.resolve();
  #isGuest = false; // a token was refused: it is said once the chat is open
  #at = {};

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  /** Draw the button, where the business may stand on this page; false where it may not. */
  async hang(wishes) {
    this.#wishes = wishes;
    if (wishes.scheme) this.setAttribute("scheme", wishes.scheme);
    this.#visits = new Visits(HOME, wishes, (kept) => this.#follow(kept));
    this.#say = await wordsFor(this.#language);
    this.lang = this.#language.slice(0, 2);
    this.#site = await this.#visits.site(this.#colour);
    if (!this.#site) return false;
    paint(this, this.#site.look);
    this.#draw();
    const { kept } = this.#visits;
    if (wishes.token) this.identify(wishes.token);
    else if (kept?.subject) this.#visits.forget(); // signed in when it began, and nobody is now
    this.#watch();
    return true;
  }

  get #language() {
    return this.#wishes.language || document.documentElement.lang || navigator.language || "en";
  }

  get #colour() {
    return this.#wishes.colour || getComputedStyle(this).getPropertyValue("--frontdesk-colour").trim();
  }

  #draw() {
    const say = this.#say;
    const count = make("span", { class: "count", hidden: true, "aria-hidden": "true" });
    const told = make("span", { class: "unseen", role: "status" });
    const open = make("button", { class: "open", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" }, say.launcher, count);
    const panel = make("dialog", { "aria-label": say.chatWith(this.#site.name) });
    open.addEventListener("click", () => (panel.open ? this.close() : this.open()));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && (event.preventDefault(), this.close()));
    panel.addEventListener("cancel", (event) => (event.preventDefault(), this.close()));
    this.shadowRoot.replaceChildren(panel, open, told);
    this.#at = { open, panel, count, told };
    document.addEventListener("visibilitychange", () => document.hidden || this.#watch(true));
  }

  // Opening and closing

  /** Show the panel, over the whole page on a phone. */
  async open() {
    const { panel, open } = this.#at;
    if (!panel || panel.open) return;
    if (matchMedia("(max-width: 480px)").matches) panel.showModal();
    else panel.show();
    open.setAttribute("aria-expanded", "true");
    clearTimeout(this.#timer);
    this.#count(0);
    await this.#enter();
  }

  close() {
    const { panel, open } = this.#at;
    if (!panel?.open) return;
    const hadFocus = this.shadowRoot.activeElement;
    panel.close();
    open.setAttribute("aria-expanded", "false");
    this.#asked = Date.now();
    if (hadFocus) open.focus();
    this.#watch();
  }

  #close() {
    const close = make("button", { class: "close", type: "button", slot: "end", textContent: this.#say.close });
    close.addEventListener("click", () => this.close());
    return close;
  }

  async #enter() {
    try {
      if (!this.#desk) this.#at.panel.append(this.#close());
      await Promise.all([import("./chat-desk.js"), this.#identifying]);
      const session = this.#visits.kept || (await this.#visits.begin("", this.#language, this.#colour));
      this.#show(session);
    } catch (error) {
      this.#alone(error);
    }
  }

  #show(session) {
    if (!this.#desk) {
      const desk = make("front-desk", { part: "chat" }, this.#close());
      if (this.#wishes.scheme) desk.setAttribute("scheme", this.#wishes.scheme);
      desk.suggestions = this.#say.first;
      desk.adopting = () => this.#adopt();
      desk.addEventListener("restart", () => this.#restart());
      desk.addEventListener("proved", () => this.#renew());
      desk.addEventListener("arrived", ({ detail }) => this.#arrived(detail));
      this.#desk = desk;
    }
    const { panel } = this.#at;
    if (this.#desk.parentNode !== panel) panel.replaceChildren(this.#desk);
    if (this.#desk.session?.visit !== session.visit) this.#desk.session = this.#dressed(session);
    this.#desk.shown(this.#isGuest ? this.#say.guest : "");
    this.#isGuest = false;
    if (panel.open) this.#desk.focus();
  }

  #dressed(session) {
    return { ...session, language: session.language || this.#language.slice(0, 2), business: this.#site };
  }

  /** What stands in the panel while the server is out of reach. */
  #alone(error) {
    const again = make("button", { class: "close", type: "button", textContent: this.#say.again });
    again.addEventListener("click", () => this.#enter());
    const text = error instanceof TypeError || error.message === "out of reach" ? this.#say.unreachable : error.message;
    this.#at.panel.replaceChildren(make("div", { class: "alone" }, make("p", { role: "alert" }, text), again, this.#close()));
    again.focus();
  }

  // Who it is

  /** Who is signed in on this website, by a token that its server signed; null when nobody is any more. */
  identify(token) {
    this.#identifying = this.#identifying.then(() => this.#identify(token)).catch(() => {});
    return this.#identifying;
  }

  async #identify(token) {
    if (!token) {
      if (this.#visits.kept?.key) this.#leave();
      return;
    }
    if (this.#visits.isFresh(token)) return;
    const session = await this.#visits.begin(token, this.#language, this.#colour);
    if (session === "refused") {
      this.#isGuest = true;
      if (this.#visits.kept?.subject) this.#leave();
      else if (this.#at.panel?.open && this.#desk) this.#show(this.#visits.kept);
    } else this.#become(session);
    this.#watch();
  }

  #leave() {
    this.#visits.forget();
    this.#count(0);
    if (this.#desk) this.#restart();
  }

  async #restart() {
    this.#visits.keep(null);
    if (this.#desk) this.#desk.session = null;
    if (this.#at.panel.open) await this.#enter();
    else this.#desk = null;
  }

  async #renew() {
    this.#become(await this.#visits.renew());
  }

  /** This tab or another one may be given a new token just now: it is everybody's. */
  async #adopt() {
    for (let tries = 0; tries < 8 && this.#visits.kept?.token === this.#desk?.session?.token; tries += 1) {
      await new Promise((go) => setTimeout(go, 250));
    }
    const { kept } = this.#visits;
    if (!kept || !this.#desk || kept.token === this.#desk.session?.token) return false;
    this.#become(kept);
    return true;
  }

  #become(session) {
    if (!this.#desk || !session) return;
    if (this.#desk.session?.visit === session.visit) this.#desk.renewed(this.#dressed(session));
    else if (this.#at.panel.open) this.#show(session);
    else [this.#desk.session, this.#desk] = [null, null];
  }

  /** Another tab began, ended or read something. */
  #follow(kept) {
    if (kept && kept.seen >= (this.#visits.kept?.seen || 0) && !this.#at.panel?.open) this.#count(0);
    if (kept) this.#become(kept);
    else if (this.#desk) this.#restart();
  }

  // What came in

  #arrived({ cursor, author, isNew }) {
    if (this.#at.panel.open && !document.hidden) this.#visits.keep({ seen: Math.max(cursor, this.#visits.kept?.seen || 0) });
    else if (isNew && author !== "you") this.#count(this.#unread + 1);
  }

  #count(unread) {
    if (unread === this.#unread || !this.#at.count) return;
    this.#unread = unread;
    const { count, told } = this.#at;
    count.hidden = !unread;
    count.textContent = unread > 9 ? "9+" : String(unread);
    told.textContent = unread ? this.#say.unread(unread) : "";
  }

  /** While the panel is closed and the chat was not opened on this page, look for news from time to time. */
  #watch(now = false) {
    clearTimeout(this.#timer);
    if (!this.#at.panel || this.#at.panel.open || this.#desk || document.hidden || !this.#visits.kept) return;
    const wait = Date.now() - this.#asked < 60000 ? SOON : LATER;
    this.#timer = setTimeout(() => this.#look(), now || !this.#asked ? 0 : wait);
  }

  async #look() {
    this.#asked ||= 1;
    const seen = this.#visits.kept?.seen || 0;
    const news = await this.#visits.news(seen).catch(() => []);
    if (!this.#at.panel.open) this.#count(news.filter(({ author, cursor }) => author !== "you" && cursor > seen).length);
    this.#watch();
  }
}

customElements.define("front-door", FrontDoor);

/** Hang the door on the page, do what was asked of it meanwhile, and let the page call it from now on. */
export function hang(wishes, calls, missing) {
  const door = document.createElement("front-door");
  const begin = async () => {
    document.body.append(door);
    for (const wait of [0, 5000, 30000]) {
      await new Promise((go) => setTimeout(go, wait));
      const isThere = await door.hang({ ...wishes }).catch(() => null);
      if (isThere === false) return door.remove(), missing();
      if (isThere) break;
    }
    for (const name of ["identify", "open", "close"]) window.Frontdesk[name] = (...given) => door[name](...given);
    for (const { name, given, done } of calls) done(door[name](...given));
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}
