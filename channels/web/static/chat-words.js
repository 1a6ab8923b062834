// The component's own words. Answers come from the server in the person's language.

const ENGLISH = {
  log: "Conversation",
  write: "Write a message",
  send: "Send",
  hello: (name) => (name ? `Hello ${name}.` : "Hello."),
  invite: "Ask in your own words, or begin with one of these.",
  preparing: "Looking it up",
  connecting: "Connecting",
  reconnecting: "The line broke. Reconnecting.",
  offline: "You are offline. What you write is kept and goes out when you are back.",
  expired: "This chat has ended.",
  restart: "Start again",
  held: (name) => `${name} is answering`,
  answers: "Answers from the records",
  sending: "Sending",
  waiting: "Not sent yet",
  refused: "Not sent.",
  edit: "Edit and send again",
  tooLong: "That is too long for one message. Please send it in parts.",
  newer: "New message",
  earlier: "Show earlier messages",
  whole: "Show all",
  less: "Show less",
  you: "You",
  assistant: "Assistant",
  system: "Update",
  today: "Today",
  first: ["When are you open?", "What do I owe?", "Talk to a person"],
  launcher: "Ask us",
  close: "Close",
  chatWith: (name) => `Chat with ${name}`,
  unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  guest: "We could not see who you are signed in as. You can go on as a guest.",
  unreachable: "The chat cannot be reached just now.",
  again: "Try again",
  attach: "Add a photo or PDF",
  fileRefused: "We can take photos and PDFs of up to 5 MB.",
  fileUnknown: "We can take files once we know who you are.",
};

const OTHERS = ["es", "fr", "de", "pt", "it"]; // each in a file of its own, fetched only where it is spoken

/** The words of a language tag such as "de" or "es-MX"; English for one we do not speak. */
export async function wordsFor(language) {
  const code = String(language || "en").toLowerCase().slice(0, 2);
  if (!OTHERS.includes(code)) return ENGLISH;
  const other = await import(`./chat-words-${code}.js`).catch(() => null);
  return { ...ENGLISH, ...other?.default };
}
