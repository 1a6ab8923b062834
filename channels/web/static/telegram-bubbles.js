// What stands in a bubble of the demo's Telegram chat: words with their entities, files, cards, quotes, buttons.

const URL_IN = /(https?:\/\/[^\s]+)/;
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "q" };

/** An element with properties and children. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function opening(address, ...children) {
  const isOurs = /^https?:/.test(address);
  return isOurs ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children) : element("span", {}, ...children);
}

function plain(text, isBare) {
  if (!isBare) return [text];
  return text.split(URL_IN).map((piece, place) => (place % 2 ? opening(piece, piece) : piece));
}

/** The words with what Telegram's entities say of them; offsets count UTF-16 units, as strings here do. */
export function words(text, entities) {
  const edges = new Set([0, text.length]);
  for (const { offset, length } of entities) edges.add(offset).add(offset + length);
  const cuts = [...edges].filter((at) => at <= text.length).sort((one, other) => one - other);
  return cuts.slice(1).flatMap((end, at) => {
    const start = cuts[at];
    const over = entities.filter((one) => one.offset <= start && one.offset + one.length >= end);
    const isBare = !over.some((one) => ["text_link", "code", "pre"].includes(one.type));
    return over.reduceRight((inside, one) => [wrapped(one, inside)], plain(text.slice(start, end), isBare));
  });
}

function wrapped(entity, inside) {
  if (entity.type === "text_link") return opening(entity.url, ...inside);
  return element(TAGS[entity.type] || "span", {}, ...inside);
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} kB`;
}

function hung({ kind, file, contact }) {
  if (contact) {
    const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
    return element("p", { className: "paper" }, `Contact: ${name} `, element("span", {}, contact.phone_number));
  }
  if (!file) return null;
  const href = `/demo/telegram-chat/files/${file.id}`;
  if (kind === "photo") return element("a", { href, target: "_blank" }, element("img", { src: href, alt: `Picture: ${file.name}` }));
  const link = element("a", { href, download: file.name }, kind === "voice" ? "Voice message" : file.name);
  return element("p", { className: "paper" }, link, element("span", {}, size(file.size)));
}

/** Rows of keys; `make` turns one into a button or link. */
export function keys(rows, make) {
  return element("div", { className: "keys" }, ...rows.map((row) => element("div", {}, ...row.map(make))));
}

/** What a message shows. `press` gets a button's data, `answer` is called to reply to the message. */
export function bubble(one, { press, answer }) {
  const time = new Date(one.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const reply = element("button", { type: "button", onclick: answer }, "Reply");
  reply.setAttribute("aria-label", `Reply to: ${one.text.slice(0, 60) || one.file?.name || "this message"}`);
  const box = element("div", { className: "bubble" },
    element("span", { className: "unseen" }, one.way === "in" ? "You: " : "Bot: "),
    one.reply && element("p", { className: "quote" }, one.reply.text),
    hung(one),
    one.text ? element("p", { className: "words" }, ...words(one.text, one.entities)) : null,
    element("p", { className: "foot" }, one.way === "out" ? reply : null, one.edited ? `edited ${time}` : time));
  const made = (key) => key.url ? opening(key.url, key.text) : element("button", { type: "button", onclick: () => press(key.callback_data) }, key.text);
  return one.buttons.length ? [box, keys(one.buttons, made)] : [box];
}
