// <front-desk>: the web chat as one component. Give it a `session` ({token, name, language, business}) and it talks.

import { attachments, cardKey, sheet as cards, tidy } from "./chat-cards.js";
import { Line, newId } from "./chat-line.js";
import { look } from "./chat-look.js";
import { folded, frame, make, momentWords, paint, previousMessage, spoken } from "./chat-parts.js";
import { words } from "./chat-text.js";
import { wordsFor } from "./chat-words.js";

const MOST_BYTES = 64 * 1024;
const HOME = new URL("..", import.meta.url).href.replace(/\/$/, "");
const PATIENCE = 300; // milliseconds before the sign that an answer is being prepared
const GIVE_UP_SIGN = 60000;
const PAGE = 100;

class FrontDesk extends HTMLElement {
  #session = null;
  #suggestions = [];
  #explain = null;
  #line = null;
  #say = {}; // words in the person's language
  #seen = new Set(); // ids of committed messages
  #pending = new Map(); // client-made id -> {item, node}
  #finished = new Set(); // turns that have their message
  #draft = null; // {turn, node}
  #sign = 0;
  #complain; // the timer after which a broken line is mentioned
  #ready = false; // history is in; from here on messages are announced
  #isNear = true; // the end of the thread is on the screen
  #state = "connecting";
  #heldBy = null;
  #greeting = ""; // said until something is written
  #wantsFocus = false;
  #at = {}; // elements by name
  /** Asked when the token is good no more: whether another one was set. */
  adopting = () => false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [look(), cards];
    this.shadowRoot.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    for (const kind of ["paste", "drop"]) this.addEventListener(kind, (event) => this.#attach(event));
    this.addEventListener("dragover", (event) => event.preventDefault());
  }

  connectedCallback() {
    if (this.#session && !this.#line) this.#begin();
  }

  disconnectedCallback() {
    this.#end();
  }

  /** {token, key, name, language, business: {name, look}}; setting another one begins afresh. */
  set session(value) {
    this.#end();
    this.#session = value;
    if (value && this.isConnected) this.#begin();
  }

  get session() {
    return this.#session;
  }

  /** The same person with another token, or now known: what is on the screen stays, what was theirs comes. */
  renewed(session) {
    this.#session = session;
    this.#ready = false;
    this.#line?.renew();
  }

  /** The chat is on the screen again; says something, if there is something to say. */
  shown(note) {
    this.#at.field && this.#toEnd();
    this.#greeting = note || this.#greeting;
    if (note && this.#at.notice) this.#note(note);
  }

  /** First questions, offered while the thread is empty. */
  set suggestions(value) {
    this.#suggestions = [...value];
  }

  /** How a page shows what an answer comes from: {explain(trace, language) → element, sheet}. Set it before the session. */
  set explaining({ explain, sheet }) {
    this.#explain = explain;
    this.shadowRoot.adoptedStyleSheets = [...this.shadowRoot.adoptedStyleSheets, sheet];
  }

  focus() {
    this.#wantsFocus = !this.#line; // the field is drawn in a moment
    this.#at.field?.focus();
  }

  // Beginning and ending

  async #begin() {
    const session = this.#session;
    const { language, business } = session;
    const say = await wordsFor(language);
    if (session !== this.#session || this.#line || !this.isConnected) return; // another one was chosen meanwhile
    this.#say = say;
    this.lang = language || "en";
    paint(this, business?.look);
    this.#ready = false;
    this.#heldBy = null;
    this.#at = frame(this.shadowRoot, this.#say, business?.name || "");
    this.#at.head.classList.toggle("closes", this.childElementCount > 0);
    this.#listen();
    if (this.#wantsFocus) this.#at.field.focus();
    this.#line = new Line({
      base: HOME,
      token: () => this.#session.token,
      adopt: () => this.adopting(),
      shelf: `front-desk:${business?.slug || ""}:${this.#session.key || ""}`,
      told: (event, data, cursor) => this.#told(event, data, cursor),
      state: (state) => this.#turnTo(state),
      fate: (item, fate) => this.#settle(item, fate),
    });
    for (const item of this.#line.kept()) this.#show(item);
    this.#line.open();
  }

  #end() {
    this.#line?.close();
    this.#line = null;
    clearTimeout(this.#sign);
    this.#complain = clearTimeout(this.#complain);
    for (const memory of [this.#seen, this.#pending, this.#finished]) memory.clear();
    this.#draft = null;
  }

  #listen() {
    const at = this.#at;
    at.form.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    at.field.addEventListener("input", () => this.#fit());
    at.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    at.attach.addEventListener("click", (event) => this.#attach(event));
    at.newer.addEventListener("click", () => (this.#toEnd(), at.field.focus()));
    at.older.addEventListener("click", () => this.#older());
    at.scroll.addEventListener("scroll", () => (this.#isNear = this.#isAtEnd()) && (at.newer.hidden = true), { passive: true });
  }

  #escape(event) {
    const opened = event.target.closest?.("details[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
      event.preventDefault();
    } else this.#at.field?.focus();
  }

  // What the server tells

  #told(event, data, cursor) {
    if (event === "message") return this.#arrive(data, cursor);
    if (event === "draft") this.#grow(data);
    else if (event === "preparing") this.#prepare();
    else if (event === "state") this.#hold(data.held_by);
    else if (event === "proved") this.dispatchEvent(new CustomEvent("proved"));
  }

  #arrive(body, cursor) {
    if (this.#seen.has(body.id)) return;
    this.#seen.add(body.id);
    const own = body.sent_as && this.#pending.get(body.sent_as);
    if (own) this.#forget(own);
    const stays = this.#isAtEnd() || Boolean(own);
    const node = this.#message(body, cursor);
    if (body.author !== "you") this.#finish(body.turn);
    if (this.#ready && !own) node.classList.add("fresh");
    this.#place(node);
    this.dispatchEvent(new CustomEvent("arrived", { detail: { cursor, author: body.author, isNew: this.#ready } }));
    if (!this.#ready) return;
    this.#welcome();
    if (body.author !== "you") this.#at.aloud.textContent = spoken(body, this.#author(body));
    this.#follow(stays);
  }

  #message(body, cursor) {
    const inside = attachments(body.attachments, {
      base: HOME,
      press: (label, value) => this.#choose(label, value),
      known: this.#cardsBefore(cursor),
    });
    const choices = [...(inside.at(-1)?.querySelectorAll(".choice") || [])];
    const box = words(body.text, HOME, choices, () => this.#isNear && this.#toEnd());
    const by = make("p", { class: body.author === "system" || body.name ? "by" : "unseen" }, this.#author(body));
    const node = make("article", { class: `message ${body.author}` }, by,
      make("div", { class: "body" }, body.text && folded(box, body.text, this.#say), ...inside));
    if (body.trace && this.#explain) node.append(this.#explain(body.trace, this.#session.language));
    Object.assign(node, { cursor, moment: new Date(body.at), body });
    return node;
  }

  /** The cards just above: what is still on the screen is not shown again under a follow-up. */
  #cardsBefore(cursor) {
    const above = [...this.#at.list.querySelectorAll(".assistant:not(.draft)")].filter((node) => node.cursor < cursor).slice(-2);
    const shown = above.filter((node) => node.querySelector(".card")).flatMap((node) => node.body.attachments);
    return shown.filter((one) => one.kind === "card").map(cardKey);
  }

  #author({ author, name }) {
    if (name) return `${name}, ${this.#session.business?.name || ""}`;
    return this.#say[author] || this.#say.assistant;
  }

  /** Rows are shown in the order of their cursors, whatever order they came in; what is not yet a row stays last. */
  #place(node) {
    let after = this.#at.list.lastElementChild;
    while (after && (after.cursor ?? Infinity) > node.cursor) after = after.previousElementSibling;
    if (after) after.after(node);
    else this.#at.list.prepend(node);
    const before = previousMessage(node);
    if (!before?.moment || node.moment - before.moment > 30 * 60000) {
      const day = make("p", { class: "day" }, momentWords(node.moment, this.#session.language, this.#say));
      day.cursor = node.cursor;
      node.before(day);
    }
    tidy(this.#at.list);
  }

  // An answer on its way

  #prepare() {
    if (this.#draft || this.#heldBy || ["offline", "broken"].includes(this.#state)) return;
    clearTimeout(this.#sign);
    this.#sign = setTimeout(() => {
      if (this.#draft) return;
      const stays = this.#isAtEnd();
      this.#at.wait ??= make("div", { class: "wait" }, make("i"), this.#say.preparing);
      this.#at.list.append(this.#at.wait);
      this.#follow(stays);
      this.#sign = setTimeout(() => this.#rest(), GIVE_UP_SIGN);
    }, PATIENCE);
  }

  #rest() {
    clearTimeout(this.#sign);
    this.#at.wait?.remove();
  }

  #grow({ turn, text }) {
    if (this.#finished.has(String(turn))) return;
    this.#rest();
    const stays = this.#isAtEnd();
    if (this.#draft?.turn !== String(turn)) {
      this.#draft?.node.remove();
      const node = make("article", { class: "message assistant draft", "aria-busy": "true" });
      this.#draft = { turn: String(turn), node };
      this.#at.list.append(node);
    }
    this.#draft.node.replaceChildren(make("div", { class: "body" }, words(text, HOME)));
    this.#follow(stays);
  }

  #finish(turn) {
    this.#rest();
    if (turn !== null) this.#finished.add(String(turn));
    if (this.#draft && (turn === null || this.#draft.turn === String(turn))) {
      this.#draft.node.remove();
      this.#draft = null;
    }
  }

  // What the person sends

  #submit() {
    const text = this.#at.field.value.trim();
    if (!text || this.#state === "expired") return;
    if (new TextEncoder().encode(text).length > MOST_BYTES) return this.#note(this.#say.tooLong);
    this.#at.field.value = "";
    this.#fit();
    this.#send({ text });
  }

  #choose(label, value) {
    if (this.#state === "expired") return;
    this.#send({ text: value || label, choice: value || label });
    this.#at.field.focus({ preventScroll: true });
  }

  /** A file was chosen, pasted or dropped. */
  async #attach(event) {
    const files = [...((event.clipboardData || event.dataTransfer)?.files || [])];
    if (event.type !== "click" && (event.preventDefault(), !files.length)) return;
    const { attach } = await import("./chat-attach.js");
    attach(files, this.shadowRoot, this.#say, (why) => this.#note(why), (file) => this.#send({ text: "", file }));
  }

  #send(said) {
    this.#greeting = "";
    if (this.#state === "open") this.#note("");
    const item = { id: newId(), ...said };
    this.#show(item);
    this.#line.send(item);
    this.#prepare();
  }

  #show(item) {
    const fate = make("p", { class: "fate" });
    const node = make("article", { class: "message you" }, make("p", { class: "unseen" }, this.#say.you),
      make("div", { class: "body" }, item.text && folded(words(item.text, HOME), item.text, this.#say),
        item.file && make("div", { class: "sent" }, make("bdi", {}, item.file.name))), fate);
    this.#pending.set(item.id, { item, node, fate });
    setTimeout(() => !fate.textContent && (fate.textContent = this.#say.sending), 1500);
    this.#at.list.append(node);
    this.#welcome();
    this.#toEnd();
  }

  #settle(item, fate) {
    const own = this.#pending.get(item.id);
    if (own && fate === "waiting") own.fate.textContent = this.#say.waiting;
    else if (own && fate !== "accepted") this.#refuse(own, fate);
  }

  async #refuse(own, code) {
    this.#rest();
    const { refused } = await import("./chat-rare.js");
    refused(own.fate, code, this.#say, () => {
      this.#forget(own);
      this.#at.field.value = own.item.text;
      this.#fit();
      this.#at.field.focus();
    }, Boolean(own.item.file));
  }

  #forget(own) {
    own.node.remove();
    this.#pending.delete(own.item.id);
  }

  // States

  #turnTo(state) {
    this.#state = state;
    const say = this.#say;
    if (["open", "offline", "expired"].includes(state)) this.#complain = clearTimeout(this.#complain);
    if (["offline", "broken"].includes(state)) this.#rest(); // the server says again what it prepares
    if (state === "open") this.#note(this.#greeting);
    else if (state === "offline") this.#note(say.offline);
    else if (state === "broken") this.#complain ||= setTimeout(() => this.#note(say.reconnecting), 1500);
    else if (state === "expired") this.#over();
    if (state !== "connecting" || !this.#ready) this.#tellState();
  }

  #tellState() {
    const say = this.#say;
    const calm = this.#heldBy ? say.held(this.#heldBy) : say.answers;
    this.#at.status.textContent = this.#state === "open" || this.#ready ? calm : say.connecting;
  }

  #note(text) {
    const { notice } = this.#at;
    notice.hidden = !text;
    if (notice.textContent !== text) notice.replaceChildren(text ? make("span", { role: "status" }, text) : "");
  }

  async #over() {
    this.#rest();
    this.#at.field.disabled = this.#at.send.disabled = this.#at.attach.disabled = true;
    const { over } = await import("./chat-rare.js");
    over(this.#at, this.#say, () => this.dispatchEvent(new CustomEvent("restart", { bubbles: true })));
  }

  #hold(name) {
    this.#heldBy = name;
    if (name) this.#rest();
    if (!this.#ready) this.#readied();
    this.#tellState();
  }

  #readied() {
    this.#ready = true;
    this.#at.ghost.remove();
    this.#at.older.hidden = this.#seen.size < PAGE;
    this.#welcome();
    this.#toEnd();
    this.dispatchEvent(new CustomEvent("ready"));
  }

  /** The empty thread says hello and offers first questions; with the first message they give way. */
  #welcome() {
    const isEmpty = this.#ready && !this.#seen.size && !this.#pending.size;
    if (!isEmpty) {
      this.#at.empty?.remove();
      this.#at.empty = null;
    } else if (!this.#at.empty) {
      const press = (label, value) => this.#choose(label, value);
      const offered = this.#suggestions.map((text) => ({ kind: "button", label: text, value: text }));
      const name = (this.#session.name || "").split(" ")[0];
      this.#at.empty = make("div", { class: "empty" }, make("h3", { dir: "auto" }, this.#say.hello(name)),
        make("p", {}, offered.length ? this.#say.invite : ""), ...attachments(offered, { base: HOME, press }));
      this.#at.list.before(this.#at.empty);
    }
  }

  async #older() {
    const { earlier } = await import("./chat-rare.js");
    await earlier(this.#at, this.#line, PAGE, ({ cursor, ...body }) => {
      if (!this.#seen.has(body.id)) this.#place(this.#message(body, cursor));
      this.#seen.add(body.id);
    });
  }

  // Room

  #fit() {
    const { field, send } = this.#at;
    send.disabled = !field.value.trim();
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, 200)}px`;
    if (this.#at.notice.textContent === this.#say.tooLong) this.#note("");
  }

  #isAtEnd() {
    const { scroll } = this.#at;
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  #follow(stays) {
    if (stays) this.#toEnd();
    else this.#at.newer.hidden = false;
  }

  #toEnd() {
    this.#at.scroll.scrollTop = this.#at.scroll.scrollHeight;
    this.#at.newer.hidden = true;
  }
}

customElements.define("front-desk", FrontDesk);
