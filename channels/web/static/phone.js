// The demo's phone: texts go in and out by the forms that Twilio has, in bubbles with their parts counted.

const CSS = `
:host {
  --paper: #f6f4ef; --surface: #fffefc; --sunk: #f0ede6; --ink: #211f1b; --soft-ink: #625d54;
  --line: #e2ddd3; --strong-line: #8c867a; --warn: #944016; --mine: #2f5d50; --on-mine: #ffffff; --accent: #2f5d50;
  color-scheme: light dark; display: flex; flex-direction: column; min-height: 0; height: 100%; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) {
  :host {
    --paper: #161513; --surface: #1f1e1b; --sunk: #292723; --ink: #ede9e1; --soft-ink: #aca599;
    --line: #3a3731; --strong-line: #807a6e; --warn: #f4b084; --mine: #8fbeae; --on-mine: #12110f; --accent: #8fbeae;
  }
}
* { box-sizing: border-box; margin: 0 }
[hidden] { display: none !important }
button, input, select, textarea { font: inherit; color: inherit }
button { cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.frame { flex: 1; min-height: 0; display: flex; flex-direction: column; border: 8px solid var(--line); border-radius: 32px; background: var(--surface); overflow: hidden }
header { padding: 12px 16px; border-bottom: 1px solid var(--line) }
h2 { font-size: 13px; line-height: 20px; font-weight: 400; color: var(--soft-ink) }
select { width: 100%; min-height: 44px; margin-top: 4px; padding: 4px 8px; border: 1px solid var(--strong-line); border-radius: 10px; background: var(--surface) }
ol { flex: 1; min-height: 0; overflow-y: auto; list-style: none; padding: 16px 12px; display: flex; flex-direction: column; gap: 8px }
ol:empty { display: none }
ol:focus-visible { outline-offset: -4px }
.empty { flex: 1; padding: 24px 20px; color: var(--soft-ink); font-size: 13px; line-height: 20px }
li { max-width: 86%; align-self: flex-start }
li.in { align-self: flex-end }
.bubble { padding: 8px 12px; border-radius: 16px 16px 16px 4px; background: var(--sunk); white-space: pre-wrap }
.in .bubble { border-radius: 16px 16px 4px 16px; background: var(--mine); color: var(--on-mine) }
.bubble a { color: inherit }
.bubble img { display: block; max-width: 100%; border-radius: 8px; margin-bottom: 4px }
small { display: block; padding: 2px 4px; font-size: 13px; line-height: 16px; color: var(--soft-ink) }
.in small { text-align: end }
form { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-end; padding: 12px; border-top: 1px solid var(--line) }
textarea { flex: 1; min-width: 120px; min-height: 44px; max-height: 120px; padding: 9px 12px; resize: none; border: 1px solid var(--strong-line); border-radius: 22px; background: var(--surface); font-size: 16px; line-height: 24px }
form button, form label { min-height: 44px; padding: 8px 14px; border-radius: 22px; border: 1px solid var(--strong-line); background: none; display: inline-flex; align-items: center }
form button { border-color: transparent; background: var(--mine); color: var(--on-mine); font-weight: 600 }
form button:disabled { opacity: .6; cursor: default }
form label:focus-within { outline: 2px solid var(--accent); outline-offset: 2px }
.picked { flex-basis: 100%; font-size: 13px; color: var(--soft-ink) }
.trouble { padding: 8px 16px; color: var(--warn); font-size: 13px }
`;
const EVERY = 1000; // milliseconds between looks while the page is seen
const LARGEST = 5 * 1024 * 1024;
const KINDS = { client: "Clients", shared: "Shared phones", staff: "Staff", stranger: "Strangers" };
const URL_IN = /(https?:\/\/[^\s]+)/;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function words(text) {
  return text.split(URL_IN).map((piece, place) =>
    place % 2 ? element("a", { href: piece, target: "_blank", rel: "noopener noreferrer" }, piece) : piece);
}

async function call(path, options = {}) {
  const answer = await fetch(path, { credentials: "omit", cache: "no-store", ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(body.sentence || "The text did not go through. Please try again."), { status: answer.status });
  return body;
}

class FrontPhone extends HTMLElement {
  #phones = [];
  #now = null;
  #after = 0;
  #sending = false;
  #looking = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    this.who = element("select", { id: "who" });
    this.list = element("ol", { tabIndex: 0 });
    this.list.setAttribute("aria-label", "Texts");
    this.hint = element("p", { className: "empty" }, "No texts yet. Write one as this phone would; it takes the way that a real text takes.");
    this.said = element("p", { className: "unseen" });
    this.said.setAttribute("role", "status");
    this.problem = element("p", { className: "trouble", hidden: true });
    this.problem.setAttribute("role", "alert");
    this.words = element("textarea", { rows: 1, placeholder: "Message", autocomplete: "off" });
    this.words.setAttribute("aria-label", "Text message");
    this.photo = element("input", { type: "file", accept: "image/*,application/pdf", className: "unseen" });
    this.picked = element("span", { className: "picked", hidden: true });
    this.send = element("button", { type: "submit" }, "Send");
    const form = element("form", {}, this.picked, element("label", {}, "Photo", this.photo), this.words, this.send);
    const label = element("label", { htmlFor: "who" }, element("h2", {}, "This phone is"));
    root.append(element("div", { className: "frame" }, element("header", {}, label, this.who), this.list, this.hint, this.problem, form), this.said);
    this.who.addEventListener("change", () => this.#be(this.#phones[Number(this.who.value)]));
    this.photo.addEventListener("change", () => this.#show());
    this.words.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#text();
    });
    this.#begin();
  }

  disconnectedCallback() {
    clearInterval(this.#looking);
  }

  async #begin() {
    try {
      this.#phones = (await call("/demo/phone/people")).phones;
    } catch {
      this.dispatchEvent(new CustomEvent("nophone"));
      return;
    }
    const groups = new Map();
    this.#phones.forEach((phone, place) => {
      const name = `${KINDS[phone.kind]} · ${phone.business}`;
      if (!groups.has(name)) groups.set(name, element("optgroup", { label: name }));
      groups.get(name).append(element("option", { value: String(place) }, `${phone.name} ${phone.phone}`));
    });
    this.who.append(...groups.values());
    if (!this.#phones.length) return;
    this.#be(this.#phones[0]);
    this.#looking = setInterval(() => document.visibilityState === "visible" && this.#look(), EVERY);
  }

  #be(phone) {
    [this.#now, this.#after] = [phone, 0];
    this.list.replaceChildren();
    this.hint.hidden = false;
    this.#look();
  }

  #show() {
    const file = this.photo.files[0];
    this.picked.hidden = !file;
    this.picked.textContent = file ? file.name : "";
  }

  #trouble(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  async #text() {
    const text = this.words.value.trim();
    const file = this.photo.files[0];
    if ((!text && !file) || this.#sending) return;
    if (file && file.size > LARGEST) return this.#trouble("That picture is larger than 5 MB.");
    this.#sending = this.send.disabled = true;
    try {
      const photo = file ? await read(file) : "";
      const { connection, phone } = this.#now;
      const body = JSON.stringify({ connection, phone, text, photo });
      await call("/demo/phone/send", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      this.words.value = this.photo.value = "";
      this.#show();
      this.#trouble("");
    } catch (error) {
      this.#trouble(error.message);
    } finally {
      this.#sending = this.send.disabled = false;
      this.words.focus();
      this.#look();
    }
  }

  async #look() {
    const phone = this.#now;
    const asked = new URLSearchParams({ phone: phone.phone, connection: phone.connection, after: String(this.#after) });
    const found = await call(`/demo/phone/messages?${asked}`).catch(() => ({ messages: [] }));
    if (phone !== this.#now) return;
    for (const one of found.messages) {
      if (one.number <= this.#after) continue;
      this.#after = one.number;
      this.list.append(this.#bubble(one));
      this.hint.hidden = true;
      this.list.scrollTop = this.list.scrollHeight;
      if (one.way === "out") this.said.textContent = one.text;
    }
  }

  #bubble(one) {
    const pictures = one.media.map((url) => element("img", { src: url, alt: "A picture" }));
    const parts = one.parts === 1 ? "1 part" : `${one.parts} parts`;
    const time = new Date(one.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const from = element("span", { className: "unseen" }, one.way === "in" ? "You: " : "Frontdesk: ");
    const bubble = element("div", { className: "bubble" }, from, ...pictures, ...words(one.text));
    return element("li", { className: one.way }, bubble, element("small", {}, one.parts ? `${time} · ${parts}` : time));
  }
}

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("That picture cannot be read."));
    reader.readAsDataURL(file);
  });
}

customElements.define("front-phone", FrontPhone);
