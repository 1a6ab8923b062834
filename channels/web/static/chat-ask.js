// Asking from time to time, where something between the page and the server keeps streams back.

const [SOON, HIDDEN] = [2000, 15000]; // milliseconds between questions; on a page that nobody sees
const UNTIL = 120000; // then a stream is tried again

/** Ask until a question is not answered, or for two minutes; whether any was. */
export async function ask(line) {
  let heard = false;
  for (const began = Date.now(); Date.now() - began < UNTIL && !line.signal.aborted; ) {
    const answer = await line.fetch().catch(() => null);
    if (answer?.status === 401) await line.expire();
    if (!answer?.ok) return heard;
    const { messages, state } = await answer.json();
    if (!heard) line.open();
    heard = true;
    for (const { cursor, ...data } of messages) await line.hear({ event: "message", data, cursor });
    await line.hear({ event: "state", data: { held_by: state.held_by }, cursor: null });
    if (state.running !== null) await line.hear({ event: "preparing", data: {}, cursor: null });
    if (state.proved) await line.hear({ event: "proved", data: {}, cursor: null });
    await rest(line.signal);
  }
  return heard;
}

function rest(signal) {
  return new Promise((go) => {
    setTimeout(go, document.hidden ? HIDDEN : SOON);
    signal.addEventListener("abort", go, { once: true });
  });
}
