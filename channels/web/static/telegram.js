// The demo's Telegram: a chat with the business's bot, by the forms that the real Bot API has.

import { bubble, element, keys } from "./telegram-bubbles.js";
import { sheet } from "./telegram-look.js";

const PLACE = "/demo/telegram-chat";
const EVERY = 800; // milliseconds between looks while the page is seen
const QUIET = 1200; // milliseconds without change until what the bot wrote is read aloud
const LARGEST = 5 * 1024 * 1024;
const KINDS = { client: "Clients", shared: "Shared phones", staff: "Staff", stranger: "Strangers" };

async function call(path, body) {
  const posted = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${PLACE}/${path}`, { credentials: "omit", cache: "no-store", ...posted });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.sentence || "That did not go through. Please try again.");
  return told;
}

class FrontTelegram extends HTMLElement {
  #people = [];
  #now = null;
  #after = 0;
  #shown = new Map(); // message id -> {one, node}
  #reply = null; // the message that is being answered
  #token = ""; // of a link that opened the chat
  #sending = false;
  #looking = null;
  #aloud = null;
  #toasting = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#build();
    root.append(this.frame, this.said);
    this.#listen();
    this.#begin();
  }

  disconnectedCallback() {
    clearInterval(this.#looking);
  }

  #build() {
    this.called = element("h2", {}, "Telegram");
    this.state = element("p", { className: "state" }, "bot");
    this.block = element("button", { type: "button", className: "text" }, "Block");
    this.who = element("select", { id: "who" });
    this.list = element("ol");
    this.hint = element("p", { className: "empty" }, "No messages yet. A bot may only write after you have.");
    this.wall = element("div", { className: "wall", tabIndex: 0 }, this.list, this.hint);
    this.wall.setAttribute("role", "log");
    this.wall.setAttribute("aria-live", "off");
    this.wall.setAttribute("aria-label", "Messages");
    this.toast = element("p", { className: "toast", hidden: true });
    this.toast.setAttribute("role", "status");
    this.problem = element("p", { className: "trouble", hidden: true });
    this.problem.setAttribute("role", "alert");
    this.start = element("button", { type: "button", className: "begin", hidden: true }, "Start");
    this.quoted = element("span");
    this.drop = element("button", { type: "button", className: "text" }, "Cancel");
    this.asFile = element("input", { type: "checkbox" });
    this.choice = element("label", {}, this.asFile, "Send as a file");
    this.above = element("div", { className: "above", hidden: true }, this.quoted, this.choice, this.drop);
    this.file = element("input", { type: "file", className: "unseen" });
    this.words = element("textarea", { rows: 1, placeholder: "Message", autocomplete: "off", dir: "auto" });
    this.words.setAttribute("aria-label", "Message to the bot");
    this.send = element("button", { type: "submit" }, "Send");
    this.form = element("form", {}, element("label", {}, "Attach", this.file), this.words, this.send);
    this.board = element("div", { className: "board", hidden: true });
    this.said = element("p", { className: "unseen" });
    this.said.setAttribute("aria-live", "polite");
    const label = element("label", { className: "who", htmlFor: "who" }, "In Telegram you are", this.who);
    const head = element("header", {}, element("div", { className: "bot" }, element("div", {}, this.called, this.state), this.block), label);
    this.frame = element("div", { className: "frame" }, head, this.wall, this.toast, this.problem, this.start, this.above, this.form, this.board);
  }

  #listen() {
    this.who.addEventListener("change", () => this.#be(this.#people[Number(this.who.value)]));
    this.start.addEventListener("click", () => this.#begun());
    this.block.addEventListener("click", () => this.#do("block", { on: this.block.textContent === "Block" }));
    this.drop.addEventListener("click", () => (this.#clear(), this.words.focus()));
    this.file.addEventListener("change", () => this.#picked());
    this.words.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#clear();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write();
    });
  }

  async #begin() {
    try {
      this.#people = (await call("people")).people;
    } catch {
      this.#people = [];
    }
    if (!this.#people.length) return this.dispatchEvent(new CustomEvent("notelegram"));
    const groups = new Map();
    this.#people.forEach((one, place) => {
      const name = `${KINDS[one.kind]} · ${one.business}`;
      if (!groups.has(name)) groups.set(name, element("optgroup", { label: name }));
      groups.get(name).append(element("option", { value: String(place) }, `${one.name} ${one.phone}`));
    });
    this.who.append(...groups.values());
    const asked = new URL(location.href).searchParams;
    this.#token = asked.get("start") || "";
    const bot = asked.get("telegram");
    const first = this.#people.findIndex((one) => !bot || one.bot.username === bot);
    this.who.value = String(Math.max(first, 0));
    this.#be(this.#people[Math.max(first, 0)]);
    this.#looking = setInterval(() => document.visibilityState === "visible" && this.checkVisibility?.() !== false && this.#look(), EVERY);
  }

  #be(person) {
    [this.#now, this.#after, this.#reply] = [person, 0, null];
    this.#shown.clear();
    this.list.replaceChildren();
    this.called.textContent = person.bot.name;
    this.#keyboard(null);
    this.#clear();
    this.#settle();
    this.#look();
  }

  /** Which of hint and start button stand there. */
  #settle() {
    const isEmpty = !this.#shown.size;
    this.hint.hidden = !isEmpty;
    this.start.hidden = !isEmpty && !this.#token;
    this.start.textContent = this.#token ? "Start (opened from a link)" : "Start";
  }

  async #begun() {
    const token = this.#token;
    this.#token = "";
    if (token) {
      const here = new URL(location.href);
      for (const name of ["start", "telegram"]) here.searchParams.delete(name);
      history.replaceState(null, "", here);
    }
    this.start.hidden = true;
    await this.#do("send", { text: token ? `/start ${token}` : "/start" });
    this.words.focus();
  }

  // What the person does

  async #do(what, more) {
    const { connection, chat } = this.#now;
    try {
      await call(what, { connection, chat, ...more });
      this.#trouble("");
      return true;
    } catch (error) {
      this.#trouble(error.message);
      return false;
    } finally {
      this.#look();
    }
  }

  async #write() {
    const text = this.words.value.trim();
    const file = this.file.files[0];
    if ((!text && !file) || this.#sending) return;
    if (file && file.size > LARGEST) return this.#trouble("That file is larger than 5 MB.");
    this.#sending = this.send.disabled = true;
    try {
      const more = { text, reply_to: this.#reply?.id || 0 };
      if (file) more.file = { kind: this.#kind(file), name: file.name, data: await read(file) };
      if (await this.#do("send", more)) {
        this.words.value = this.file.value = "";
        this.#clear();
      }
    } catch (error) {
      this.#trouble(error.message);
    } finally {
      this.#sending = this.send.disabled = false;
      this.words.focus();
    }
  }

  #kind(file) {
    if (file.type.startsWith("image/") && !this.asFile.checked) return "photo";
    return file.type.startsWith("audio/") ? "voice" : "document";
  }

  #answer(one) {
    this.#reply = one;
    this.#tellAbove();
    this.words.focus();
  }

  #picked() {
    this.asFile.checked = false;
    this.#tellAbove();
  }

  /** The line above the field: what is answered, what is attached. */
  #tellAbove() {
    const file = this.file.files[0];
    const parts = [this.#reply && `Answering: ${this.#reply.text || this.#reply.file?.name || "a message"}`, file?.name];
    this.quoted.textContent = parts.filter(Boolean).join(" · ");
    this.choice.hidden = !file?.type.startsWith("image/");
    this.above.hidden = !this.#reply && !file;
  }

  #clear() {
    this.#reply = null;
    this.file.value = "";
    this.#tellAbove();
  }

  #trouble(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  // What the bot does

  async #look() {
    const person = this.#now;
    const asked = new URLSearchParams({ connection: person.connection, chat: String(person.chat), after: String(this.#after) });
    const found = await call(`messages?${asked}`).catch(() => null);
    if (!found || person !== this.#now) return;
    for (const one of found.messages.sort((some, other) => some.number - other.number)) this.#show(one);
    if (found.toast) this.#pop(found.toast);
    const [isTyping, isBlocked] = [found.typing, found.blocked];
    this.state.textContent = isBlocked ? "blocked by you" : isTyping ? "typing…" : `bot · @${person.bot.username}`;
    this.state.className = isTyping ? "state busy" : "state";
    this.block.textContent = isBlocked ? "Unblock" : "Block";
    this.#settle();
  }

  /** Put a message in its place; one that is there already changes where it stands. */
  #show(one) {
    if (one.number <= this.#after) return;
    this.#after = one.number;
    const known = this.#shown.get(one.id);
    if (one.gone) {
      known?.node.remove();
      this.#shown.delete(one.id);
      return;
    }
    const isNear = this.wall.scrollHeight - this.wall.scrollTop - this.wall.clientHeight < 80;
    const node = known?.node || element("li", { className: one.way });
    node.replaceChildren(...bubble(one, {
      press: (data) => this.#do("press", { message: one.id, data }),
      answer: () => this.#answer(one),
    }));
    if (!known) this.list.append(node);
    this.#shown.set(one.id, { one, node });
    if (one.keyboard) this.#keyboard(one.keyboard);
    if (isNear || one.way === "in") this.wall.scrollTop = this.wall.scrollHeight;
    for (const picture of node.querySelectorAll("img")) picture.addEventListener("load", () => isNear && (this.wall.scrollTop = this.wall.scrollHeight));
    if (one.way === "out") this.#speak(one);
  }

  /** Read aloud what the bot wrote once it has stopped changing, so that a growing answer is told once. */
  #speak(one) {
    clearTimeout(this.#aloud);
    const names = one.buttons.flat().map((key) => key.text);
    const text = [one.text || one.file?.name || "", names.length ? `Buttons: ${names.join(", ")}` : ""].filter(Boolean).join(". ");
    this.#aloud = setTimeout(() => (this.said.textContent = text), QUIET);
  }

  #pop(toast) {
    this.#after = Math.max(this.#after, toast.number);
    this.toast.textContent = toast.text;
    this.toast.hidden = false;
    clearTimeout(this.#toasting);
    this.#toasting = setTimeout(() => (this.toast.hidden = true), toast.alert ? 8000 : 3000);
  }

  #keyboard(board) {
    const rows = board?.keyboard || [];
    this.board.hidden = !rows.length;
    this.board.replaceChildren(keys(rows, (key) => element("button", {
      type: "button",
      onclick: () => {
        if (board.one_time_keyboard) this.#keyboard(null);
        this.#do(...(key.request_contact ? ["contact", {}] : ["send", { text: key.text }]));
        this.words.focus();
      },
    }, key.text)));
  }
}

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("That file cannot be read."));
    reader.readAsDataURL(file);
  });
}

customElements.define("front-telegram", FrontTelegram);
