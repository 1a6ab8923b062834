// The chat on a business's own website, by one tag: <script src="https://desk.example/chat.js" data-business="…"></script>
//
// A classic script, so that it knows its own tag. Everything else is fetched from where it came from, and nowhere else.

(() => {
  const tag = document.currentScript || document.querySelector("script[data-business][src*='chat.js']");
  if (!tag || window.Frontdesk) return;
  const calls = [];
  const later = (name) => (...given) => new Promise((done) => calls.push({ name, given, done }));
  /** identify(token): who is signed in, as your server signed it; identify(null): nobody is. open(), close(). */
  window.Frontdesk = { identify: later("identify"), open: later("open"), close: later("close") };
  const missing = () => console.warn(`The chat of ${tag.dataset.business} is not allowed on ${location.origin}, or its server is out of reach.`);
  import(new URL("./static/chat-door.js", tag.src).href).then(({ hang }) => hang(tag.dataset, calls, missing), missing);
})();
