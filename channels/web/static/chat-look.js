// How the component looks: quiet paper, one accent, light and dark from the same variables.

const DARK = `
  --paper: #161513; --surface: #1f1e1b; --sunk: #292723;
  --ink: #ede9e1; --soft-ink: #aca599; --line: #3a3731; --mid-line: #545048; --strong-line: #807a6e;
  --warn: #f4b084; --warn-soft: #3e2a1e;
  --fill: var(--dark-fill); --on-fill: var(--dark-ink);
  --accent: var(--dark-text); --tint: var(--dark-soft);
  --shadow: 0 4px 16px rgb(0 0 0 / .5);
`;

const CSS = `
:host {
  --paper: #f6f4ef; --surface: #fffefc; --sunk: #f0ede6;
  --ink: #211f1b; --soft-ink: #625d54; --line: #e2ddd3; --mid-line: #ccc6ba; --strong-line: #8c867a;
  --warn: #944016; --warn-soft: #fbeee4;
  --fill: var(--light-fill); --on-fill: var(--light-ink);
  --accent: var(--light-text); --tint: var(--light-soft);
  --shadow: 0 4px 16px rgb(60 50 30 / .16);
  color-scheme: light dark;
  display: flex; flex-direction: column; min-height: 0; height: 100%; container-type: inline-size; box-sizing: border-box; position: relative;
  background: var(--surface); color: var(--ink);
  font: 15px/1.5 var(--frontdesk-font, system-ui), "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) { :host(:not([scheme=light])) { ${DARK} } }
:host([scheme=dark]) { ${DARK} }
* { box-sizing: border-box; margin: 0 }
[hidden] { display: none !important }
button, textarea { font: inherit; color: inherit }
button { cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

header { padding: 16px 24px 12px; border-bottom: 1px solid var(--line) }
header > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; max-width: 720px; margin: 0 auto }
header.closes > div { display: grid; grid-template-columns: 1fr auto }
header h2 { font-size: 18px; line-height: 24px; font-weight: 600; letter-spacing: -.01em }
header p { font-size: 13px; line-height: 20px; color: var(--soft-ink) }

.scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 24px 24px 16px }
.scroll:focus-visible { outline-offset: -4px }
.list { display: flex; flex-direction: column; gap: 12px; max-width: 720px; margin: 0 auto }
.day { align-self: center; font-size: 13px; color: var(--soft-ink); padding: 8px 0 0 }

.message { max-width: min(600px, 92%) }
.you { align-self: flex-end; max-width: min(520px, 85%) }
.you .words { background: var(--tint); border-radius: 10px 10px 2px 10px; padding: 8px 12px }
.assistant, .staff, .system { align-self: flex-start; min-width: min(280px, 100%) }
.system, .staff { border-inline-start: 3px solid var(--accent); padding-inline-start: 12px }
.by { font-size: 13px; line-height: 20px; color: var(--soft-ink) }
.words { white-space: pre-wrap; unicode-bidi: isolate; text-align: start }
.words.folded { max-height: 270px; overflow: hidden; mask-image: linear-gradient(#000 80%, transparent) }
.whole { white-space: nowrap }
.fate { font-size: 13px; color: var(--soft-ink); text-align: end; min-height: 20px }
.fate.refused { color: var(--warn) }
.words a { color: var(--accent); text-underline-offset: 3px; text-decoration-thickness: 1px }

.plain { background: none; border: 0; padding: 4px 0; min-height: 44px; color: var(--accent); text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1px }

.wait { align-self: flex-start; color: var(--soft-ink); font-size: 13px; display: flex; align-items: center; gap: 12px; min-height: 24px }
.wait i { display: block; width: 40px; height: 2px; border-radius: 1px; background: var(--line); overflow: hidden; position: relative }
.wait i::after { content: ""; position: absolute; inset: 0 60% 0 0; background: var(--accent); animation: pass 1.2s ease-in-out infinite alternate }
@keyframes pass { to { transform: translateX(150%) } }
.ghost { display: grid; gap: 12px; max-width: 720px; margin: 0 auto }
.ghost i { display: block; height: 16px; border-radius: 4px; background: var(--sunk) }
.ghost i:nth-child(2) { width: 72% } .ghost i:nth-child(3) { width: 44% }

.empty { max-width: 720px; margin: 0 auto }
.empty h3 { font-size: 24px; line-height: 32px; font-weight: 600; letter-spacing: -.01em }
.empty p { color: var(--soft-ink); margin: 4px 0 8px }
.empty .choices { flex-direction: column; align-items: flex-start }

.newer { position: absolute; inset-inline-start: 50%; bottom: 100%; transform: translate(-50%, -12px); border: 1px solid var(--line); background: var(--surface); color: var(--accent); box-shadow: var(--shadow); border-radius: 22px; min-height: 44px; padding: 8px 20px; white-space: nowrap }
.older { display: block; margin: 0 auto 8px }

footer { position: relative; border-top: 1px solid var(--line); padding: 12px 24px 16px; padding-bottom: max(16px, env(safe-area-inset-bottom)) }
footer > * { max-width: 720px; margin-inline: auto }
footer .attach { display: block; width: 100%; font-size: 13px; text-align: start }
.notice { display: flex; flex-wrap: wrap; align-items: center; gap: 0 16px; font-size: 13px; line-height: 20px; color: var(--warn); background: var(--warn-soft); border-radius: 10px; padding: 8px 12px; margin-bottom: 8px }
.notice .plain { color: inherit }
.composer { display: flex; align-items: flex-end; gap: 8px }
textarea { flex: 1; min-width: 0; resize: none; min-height: 44px; max-height: 200px; padding: 10px 12px; line-height: 22px; font-size: 16px; border: 1px solid var(--strong-line); border-radius: 10px; background: var(--surface); color: var(--ink) }
textarea::placeholder { color: var(--soft-ink); opacity: 1 }
textarea:focus-visible { outline-offset: -1px; border-color: var(--accent) }
.send { min-height: 44px; padding: 8px 16px; border: 1px solid transparent; border-radius: 10px; background: none; color: var(--accent); font-weight: 600 }
.send:not([disabled]) { background: var(--fill); color: var(--on-fill) }
.send[disabled], textarea[disabled] { color: var(--soft-ink); cursor: default }

@container (max-width: 480px) {
  header { padding: 12px 16px 8px } .scroll { padding: 16px 16px 12px } footer { padding: 8px 16px 4px }
  .message { max-width: 100% } .you { max-width: 88% }
}
@media (prefers-reduced-motion: no-preference) {
  .message.fresh { animation: rise .16s ease-out }
  @keyframes rise { from { opacity: 0; transform: translateY(4px) } }
}
@media (prefers-reduced-motion: reduce) { .wait i::after { animation: none; inset: 0 } }
@media (forced-colors: active) { .send { border: 1px solid ButtonText } }
`;

let sheet = null;

/** The one stylesheet that all chats of a page share; constructed, so that a strict content policy lets it in. */
export function look() {
  if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(CSS);
  return sheet;
}
