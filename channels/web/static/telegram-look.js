// How the demo's Telegram chat looks: bubbles on tinted paper, buttons under them, a keyboard below.

const CSS = `
:host {
  --wall: #dde7e6; --surface: #fffefc; --ink: #1f2221; --soft-ink: #55605e; --line: #cdd8d6; --strong-line: #7b8785;
  --accent: #1f6590; --on-accent: #ffffff; --mine: #e2f1d6; --mine-soft: #49603a; --key: #eef3f2; --warn: #944016;
  color-scheme: light dark; display: flex; flex-direction: column; min-height: 0; height: 100%; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) {
  :host {
    --wall: #10181c; --surface: #1d262b; --ink: #e8edee; --soft-ink: #a3b0b4; --line: #2f3b41; --strong-line: #75838a;
    --accent: #8cc3e6; --on-accent: #0d1418; --mine: #24462f; --mine-soft: #b4cdb8; --key: #26323a; --warn: #f4b084;
  }
}
* { box-sizing: border-box; margin: 0 }
[hidden] { display: none !important }
button, input, select, textarea { font: inherit; color: inherit }
button { cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.frame { flex: 1; min-height: 0; display: flex; flex-direction: column; position: relative; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); overflow: hidden }
header { padding: 8px 16px 12px; border-bottom: 1px solid var(--line) }
.bot { display: flex; align-items: center; justify-content: space-between; gap: 12px; min-height: 44px }
h2 { font-size: 15px; line-height: 20px; font-weight: 600 }
.state { font-size: 13px; line-height: 20px; color: var(--soft-ink) }
.state.busy { color: var(--accent) }
.text { border: 0; background: none; color: var(--accent); min-height: 44px; padding: 0 4px; flex: none }
.who { display: block; font-size: 13px; line-height: 20px; color: var(--soft-ink) }
select { width: 100%; min-height: 44px; margin-top: 4px; padding: 4px 8px; border: 1px solid var(--strong-line); border-radius: 10px; background: var(--surface); color: var(--ink); font-size: 15px }
.wall { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; background: var(--wall); padding: 12px }
.wall:focus-visible { outline-offset: -4px }
ol { list-style: none; padding: 0; display: flex; flex-direction: column; gap: 6px }
.empty { color: var(--soft-ink); font-size: 13px; line-height: 20px; text-align: center; padding: 24px 16px }
li { max-width: 88%; align-self: flex-start; display: flex; flex-direction: column; gap: 4px }
li.in { align-self: flex-end }
.bubble { padding: 6px 10px; border-radius: 12px 12px 12px 2px; background: var(--surface) }
.in .bubble { border-radius: 12px 12px 2px 12px; background: var(--mine) }
.bubble .words { white-space: pre-wrap; unicode-bidi: plaintext }
.bubble a { color: var(--accent) }
.in .bubble a { color: inherit }
.bubble pre, .bubble code { font: 13px/1.5 ui-monospace, Consolas, monospace; white-space: pre-wrap }
.bubble img { display: block; width: 100%; border-radius: 8px; margin: 2px 0 6px }
.paper { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; min-height: 44px }
.paper span { color: var(--soft-ink); font-size: 13px }
.in .paper span { color: var(--mine-soft) }
.quote { border-inline-start: 3px solid var(--accent); padding-inline-start: 8px; margin-bottom: 4px; font-size: 13px; line-height: 18px; color: var(--soft-ink); max-height: 36px; overflow: hidden }
.in .quote { color: var(--mine-soft) }
.foot { display: flex; justify-content: flex-end; align-items: center; gap: 8px; font-size: 13px; line-height: 16px; color: var(--soft-ink) }
.in .foot { color: var(--mine-soft) }
.foot button { border: 0; background: none; color: inherit; text-decoration: underline; text-underline-offset: 3px; padding: 14px 8px; margin: -14px 0 -14px -8px }
.keys { display: grid; gap: 4px }
.keys > div { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 4px }
.keys button, .keys a { display: flex; align-items: center; justify-content: center; text-align: center; min-height: 44px; padding: 4px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); color: var(--accent); font-weight: 500; text-decoration: none }
.board { padding: 0 12px 12px } .board button { background: var(--key); color: var(--ink) }
.toast { position: absolute; inset: auto 24px 96px; padding: 10px 16px; border-radius: 10px; background: var(--ink); color: var(--surface); text-align: center; z-index: 1 }
.above { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 4px 12px 0; font-size: 13px; line-height: 18px; color: var(--soft-ink); border-top: 1px solid var(--line) }
.above span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; border-inline-start: 3px solid var(--accent); padding-inline-start: 8px }
.above label { display: flex; align-items: center; gap: 6px; min-height: 44px; flex: none }
.begin { margin: 12px; min-height: 48px; border: 0; border-radius: 10px; background: var(--accent); color: var(--on-accent); font-weight: 600 }
form { display: flex; gap: 8px; align-items: flex-end; padding: 12px; border-top: 1px solid var(--line) }
.above:not([hidden]) ~ form { border-top: 0 }
textarea { flex: 1; min-width: 0; min-height: 44px; max-height: 120px; padding: 9px 12px; resize: none; border: 1px solid var(--strong-line); border-radius: 10px; background: var(--surface); font-size: 16px; line-height: 24px }
textarea::placeholder { color: var(--soft-ink); opacity: 1 }
form label, form button { min-height: 44px; padding: 8px 12px; border-radius: 10px; border: 0; background: none; color: var(--accent); display: inline-flex; align-items: center; cursor: pointer }
form button { background: var(--accent); color: var(--on-accent); font-weight: 600 }
form button:disabled { opacity: .6; cursor: default }
form label:focus-within { outline: 2px solid var(--accent); outline-offset: 2px }
.trouble { padding: 8px 16px; color: var(--warn); font-size: 13px }
@media (forced-colors: active) { .bubble { border: 1px solid CanvasText } }
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
