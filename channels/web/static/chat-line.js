// The line to the server: reads the stream, resumes it where it broke, and sends what was written, once.

const WAITS = [400, 1000, 2000, 4000, 8000, 15000]; // milliseconds between tries
const SILENCE = 40000; // the server speaks at least every 15 s
const FIRST = 4000; // and at once when a stream begins: else something on the way keeps streams back
const OVERLAP = 10000; // resume this much earlier: a row may be committed after one that was begun later

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A random UUID. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // pages served without TLS have no randomUUID
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

/** One session's line. `told` gets (event, data, cursor), `state` a word, `fate` (item, "accepted" | "waiting" | code). */
export class Line {
  #base;
  #token;
  #shelf;
  #on;
  #closed = false;
  #reading = null;
  #left = new AbortController();
  #trail = [];
  #queue = [];
  #pumping = false;
  #resting = new Set(); // what waits to try again

  /** `token` gives the one that is good now, and `adopt` says whether there is another. */
  constructor({ base, token, shelf, ...on }) {
    [this.#base, this.#token, this.#shelf, this.#on] = [base, token, shelf, on];
    try {
      this.#queue = JSON.parse(sessionStorage.getItem(shelf) || "[]");
    } catch {
      // Storage is closed to third-party frames; then messages live as long as the page.
    }
  }

  /** What was written before the page was loaded anew and has not gone out; `open` sends it, under the same ids. */
  kept() {
    return [...this.#queue];
  }

  open() {
    const until = { signal: this.#left.signal };
    addEventListener("online", () => (this.#reading?.abort(), this.#wake()), until); // the old line may be dead
    addEventListener("offline", () => this.#on.state("offline"), until);
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake(), until);
    this.#keepReading();
    this.#pump();
  }

  close() {
    this.#closed = true;
    this.#left.abort();
    this.#reading?.abort();
    this.#wake();
  }

  /** Another token, and perhaps more to see: read from the beginning, while what waits goes on. */
  renew() {
    this.#trail = [];
    this.#reading?.abort();
    this.#wake();
  }

  /** Queue {id, text, choice, file}; it is tried until the server has it, always under the same id. */
  send(item) {
    this.#queue.push(item);
    this.#keep();
    this.#pump();
  }

  #keep() {
    try {
      const kept = this.#queue.filter((item) => !item.file); // a file lives as long as the page
      if (kept.length) sessionStorage.setItem(this.#shelf, JSON.stringify(kept));
      else sessionStorage.removeItem(this.#shelf);
    } catch {
      // As above: closed, or full.
    }
  }

  async earlier(before) {
    const answer = await this.#fetch(`/chat/messages?before=${before}`);
    return answer.ok ? (await answer.json()).messages : [];
  }

  #fetch(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.#token()}` };
    return fetch(this.#base + path, { ...options, headers, credentials: "omit", cache: "no-store" });
  }

  #wake() {
    for (const go of this.#resting) go();
    this.#resting.clear();
  }

  async #rest(tries) {
    const wait = WAITS[Math.min(tries, WAITS.length - 1)] * (0.8 + Math.random() * 0.4);
    await Promise.race([pause(wait), new Promise((resolve) => this.#resting.add(resolve))]);
  }

  async #keepReading() {
    for (let tries = 0; !this.#closed; ) {
      this.#on.state("connecting");
      const heard = (await this.#read()) || (!this.#closed && (await this.#ask()));
      if (this.#closed) return;
      tries = heard ? 0 : tries + 1;
      this.#on.state(navigator.onLine === false ? "offline" : "broken");
      await this.#rest(tries);
    }
  }

  async #read() {
    this.#reading = new AbortController();
    let heard = false;
    let guard = 0;
    const used = this.#token();
    const alive = (patience = SILENCE) => {
      clearTimeout(guard);
      guard = setTimeout(() => this.#reading.abort(), patience);
    };
    try {
      alive(FIRST);
      const answer = await this.#fetch(`/chat/stream?after=${this.#from()}`, { signal: this.#reading.signal });
      if (answer.status === 401) await this.#expire(used);
      if (!answer.ok) return false;
      this.#on.state("open");
      for await (const part of parts(answer.body)) {
        alive();
        heard = true;
        if (part.event === "ended") await this.#expire(used);
        else if (part.event) await this.#hear(part);
        if (this.#closed) break;
      }
    } catch {
      // A broken line is no news: the next try resumes from the cursor.
    } finally {
      clearTimeout(guard);
    }
    return heard;
  }

  /** Ask from time to time, where no stream comes through; whether anything was heard. */
  async #ask() {
    if (navigator.onLine === false) return false;
    this.#reading = new AbortController();
    const used = this.#token();
    const { ask } = await import("./chat-ask.js").catch(() => ({ ask: () => false }));
    return ask({
      signal: this.#reading.signal,
      fetch: () => this.#fetch(`/chat/messages?after=${this.#from()}`, { signal: this.#reading.signal }),
      hear: (part) => this.#hear(part),
      open: () => this.#on.state("open"),
      expire: () => this.#expire(used),
    });
  }

  #hear({ event, data, cursor }) {
    if (cursor !== null) {
      this.#trail.push({ cursor, at: Date.now() });
      while (this.#trail.length > 1 && this.#trail[1].at < Date.now() - OVERLAP) this.#trail.shift();
    }
    return this.#on.told(event, data, cursor);
  }

  #from() {
    const settled = this.#trail.filter((one) => one.at < Date.now() - OVERLAP);
    if (settled.length) return settled[settled.length - 1].cursor;
    return this.#trail.length ? this.#trail[0].cursor - 1 : 0;
  }

  /** The token that was used is good no more: the end, unless there is another one by now. */
  async #expire(used) {
    if (used !== this.#token() || (await this.#on.adopt()) || this.#closed || used !== this.#token()) return;
    this.close();
    this.#on.state("expired");
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let tries = 0; this.#queue.length && !this.#closed; ) {
      const item = this.#queue[0];
      const used = this.#token();
      const fate = await this.#post(item);
      if (fate === "waiting") {
        this.#on.fate(item, "waiting");
        await this.#rest(tries++);
        continue;
      }
      tries = 0;
      if (fate === "expired") {
        await this.#expire(used);
        continue;
      }
      this.#queue.shift();
      this.#keep();
      this.#on.fate(item, fate);
    }
    this.#pumping = false;
  }

  async #post({ id, text, choice, file }) {
    try {
      const [path, type, body, patience] = file
        ? [`/chat/files?${new URLSearchParams({ id, name: file.name })}`, "application/octet-stream", file, 120000]
        : ["/chat/messages", "application/json", JSON.stringify({ id, text, choice }), 15000];
      const signal = AbortSignal.timeout(patience);
      const answer = await this.#fetch(path, { method: "POST", headers: { "Content-Type": type }, body, signal });
      if (answer.ok) return "accepted";
      if (answer.status === 401) return "expired";
      if (answer.status === 429 || answer.status >= 500) return "waiting";
      return (await answer.json().catch(() => ({}))).error || "refused";
    } catch {
      return "waiting";
    }
  }
}

/** The events of a stream's body, each whole: what was cut off in the middle comes again after the cursor. */
async function* parts(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const pieces = held.split("\n\n");
    held = pieces.pop();
    for (const piece of pieces) yield parsePart(piece);
  }
}

function parsePart(piece) {
  const part = { event: "", data: {}, cursor: null };
  for (const line of piece.split("\n")) {
    const [, name, value] = /^(\w*): ?(.*)$/.exec(line) || [];
    if (name === "event") part.event = value;
    else if (name === "data") part.data = JSON.parse(value);
    else if (name === "id") part.cursor = Number(value);
  }
  return part;
}
