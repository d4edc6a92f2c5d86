"""How the page looks: system fonts, one palette for light and one for dark, told apart without colour vision too."""

STYLE = """
:root { --ink: #1c2530; --soft: #5d6976; --paper: #ffffff; --card: #f5f7f9; --rule: #dde3e9; --first: #0b66c3;
  --second: #b3261e; --honest: #0b66c3; --opportunistic: #b26a00; --deceptive: #8046b8; --adversarial: #c3272b;
  --good: #2e7d4f; --middling: #98a2ad; --poor: #c3272b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #9eabb8; --paper: #12171d; --card: #1b222a;
  --rule: #323c47; --first: #62b0ff; --second: #ff8a80; --honest: #62b0ff; --opportunistic: #ffb74d;
  --deceptive: #c79bf2; --adversarial: #ff7a76; --good: #6fcf97; --middling: #77828e; --poor: #ff7a76; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1200px; margin: 0 auto; padding: 32px 20px 64px }
h1 { margin: 0; font-size: 28px } h2 { font-size: 18px; margin: 28px 0 8px } .lead { font-size: 18px; margin: 4px 0 }
header p { margin: 4px 0; color: var(--soft) } header .lead { color: var(--ink) }
.verdicts { list-style: none; padding: 0; margin: 16px 0 } .verdicts b { display: inline-block; min-width: 44px }
.pass b { color: var(--good) } .fail b { color: var(--poor) } .note, .empty { color: var(--soft); font-size: 13px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 }
.tile { background: var(--card); border-radius: 8px; padding: 10px 14px }
.tile span { display: block; color: var(--soft); font-size: 13px } .tile b { font-size: 21px; font-weight: 600 }
small { font-size: max(.65em, 11px); color: var(--soft); font-weight: 400; white-space: nowrap }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 20px;
  margin: 20px 0 }
.charts.loose { align-items: start }
figure { margin: 0; background: var(--card); border-radius: 8px; padding: 14px 16px } svg { width: 100%; height: auto }
figcaption { font-weight: 600 } .keys { min-height: 22px; font-size: 13px; color: var(--soft) }
.key { margin-right: 14px; white-space: nowrap }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 5px;
  background: var(--colour, var(--soft)) }
.first { --colour: var(--first) } .second { --colour: var(--second) } .honest { --colour: var(--honest) }
.opportunistic { --colour: var(--opportunistic) } .deceptive { --colour: var(--deceptive) }
.adversarial { --colour: var(--adversarial) } .tie-good { --colour: var(--good) }
.tie-middling { --colour: var(--middling) } .tie-poor { --colour: var(--poor) }
.line { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round }
.line.second, .line.opportunistic { stroke-dasharray: 7 3 } .line.deceptive { stroke-dasharray: 2 3 }
.line.adversarial { stroke-width: 2.6 }
.dot { fill: var(--colour) } .band { fill: var(--colour); stroke: var(--colour); opacity: .16 }
.grid { stroke: var(--rule) }
.tick { fill: var(--soft); font-size: 11px } .tie { fill: none; stroke: var(--colour); opacity: .4 }
.tie:hover { opacity: 1 } .node { fill: var(--colour); stroke: var(--card); stroke-width: 1.5 }
.happening { fill: var(--soft); opacity: .85 } .frozen { fill: var(--first) } .released { fill: var(--good) }
.exploits, .failed-audits { fill: var(--poor) }
.wide { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); white-space: nowrap }
th:first-child, td:first-child { text-align: left } th { color: var(--soft); font-weight: 600 }
details { margin-top: 24px } summary { cursor: pointer; font-weight: 600; font-size: 16px }
"""
