// Visits: the session of a visitor of a website, kept in the page's own storage, so that tabs and reloads share it.

const FRESH = 20 * 60000; // milliseconds in which a proof need not be given anew

/** Whom a signed token names. It proves nothing here: the server reads it. */
export function subjectOf(token) {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(atob(body)).sub || "";
  } catch {
    return "";
  }
}

/** The visits of one business's chat on this page. `changed` is told when another tab did something. */
export class Visits {
  #home;
  #wishes;
  #shelf;
  #held = null; // where the page's storage is closed, a visit lives as long as the page

  constructor(home, wishes, changed) {
    [this.#home, this.#wishes, this.#shelf] = [home, wishes, `frontdesk:${wishes.business}`];
    addEventListener("storage", ({ key }) => key === this.#shelf && changed(this.kept));
  }

  /** {token, visit, key, name, language, level, business, subject, proved, seen}, or null. */
  get kept() {
    try {
      return JSON.parse(localStorage.getItem(this.#shelf)) || null;
    } catch {
      return this.#held;
    }
  }

  keep(changes) {
    this.#held = changes && { ...this.kept, ...changes };
    try {
      if (changes) localStorage.setItem(this.#shelf, JSON.stringify(this.#held));
      else localStorage.removeItem(this.#shelf);
    } catch {
      // Closed, or full: as above.
    }
    return this.#held;
  }

  /** How the business is called and looks here; null where it may not stand. Throws where it is out of reach. */
  async site(colour) {
    const asked = new URLSearchParams({ business: this.#wishes.business, colour });
    const answer = await fetch(`${this.#home}/chat/site?${asked}`, { credentials: "omit" });
    if (answer.status >= 500) throw new Error("out of reach");
    return answer.ok ? answer.json() : null;
  }

  /** Begin a visit, as whom the token names; "refused" where it proves nobody. Throws where the server is out of reach. */
  async begin(token, language, colour) {
    const before = this.kept;
    const body = { business: this.#wishes.business, language, token, colour };
    const answer = await this.call("/chat/visits", body, before?.token);
    if (answer.status === 403 && token) return "refused";
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).sentence || "out of reach");
    const told = await answer.json();
    const subject = token ? subjectOf(token) : "";
    const proof = { subject, proved: token ? Date.now() : 0 };
    if (!told.token) return this.keep(proof);
    return this.keep({ seen: 0, ...(told.visit === before?.visit ? {} : { key: "", name: "" }), ...told, ...proof });
  }

  /** Whether what is kept says the same as this token, and lately. */
  isFresh(token) {
    const kept = this.kept;
    return Boolean(kept?.subject) && kept.subject === subjectOf(token) && Date.now() - kept.proved < FRESH;
  }

  /** Another token for a visit that a code has lifted; the visit as it is kept then. */
  async renew() {
    const answer = await this.call("/chat/visits/renew", {}, this.kept?.token);
    if (!answer.ok) return this.kept;
    const told = await answer.json();
    return told.token ? this.keep(told) : this.kept;
  }

  /** End the visit, here and on the server. */
  forget() {
    const { token } = this.kept || {};
    this.keep(null);
    if (token) this.call("/chat/sessions/end", {}, token, true).catch(() => {});
  }

  /** What came in after a message: [{cursor, author}]. */
  async news(after) {
    const headers = { Authorization: `Bearer ${this.kept?.token}` };
    const answer = await fetch(`${this.#home}/chat/messages?after=${after}`, { headers, credentials: "omit", cache: "no-store" });
    return answer.ok ? (await answer.json()).messages : [];
  }

  call(path, body, token, keepalive = false) {
    const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
    return fetch(this.#home + path, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit", keepalive });
  }
}
