/** Of the documentation page: light and dark, from a phone's width up. Served within the page, under a policy that names its hash. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#12262c;--soft:#52666d;--line:#d8e3e6;--paper:#f7fafa;--card:#fff;--accent:#077e98;--on-accent:#fff;--code:#eef4f5;--get:#0b6e4f;--post:#8a4b08;--bad:#b3261e;--good:#0b6e4f}
@media (prefers-color-scheme:dark){:root{--ink:#e6eff1;--soft:#9db0b6;--line:#26383e;--paper:#0d1619;--card:#132024;--accent:#4cc3dc;--on-accent:#06262d;--code:#1a2a2f;--get:#5fd0a5;--post:#f0b26b;--bad:#ff8a80;--good:#5fd0a5}}
*{box-sizing:border-box}
html{scroll-padding-top:5rem;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--accent)}
.top{position:sticky;top:0;z-index:2;display:flex;gap:1rem;align-items:center;justify-content:space-between;padding:.7rem 1.5rem;background:var(--card);border-bottom:1px solid var(--line)}
.brand{display:flex;gap:.6rem;align-items:center;color:inherit;font-weight:650;text-decoration:none;white-space:nowrap}
.brand svg{width:1.7rem;height:1.7rem;stroke:var(--accent);flex:none}
#key-form{display:flex;gap:.5rem;flex:1;max-width:34rem}
input,textarea{width:100%;min-width:0;padding:.5rem .7rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);color:inherit;font:.9rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
textarea{resize:vertical}
input:focus-visible,textarea:focus-visible,button:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
button{padding:.5rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card);color:inherit;font:inherit;font-size:.9rem;white-space:nowrap;cursor:pointer}
button:hover{border-color:var(--accent)}
button[type=submit]{border-color:var(--accent);background:var(--accent);color:var(--on-accent);font-weight:600}
button[disabled]{opacity:.6;cursor:default}
.layout{display:grid;grid-template-columns:15rem minmax(0,1fr);gap:2.5rem;max-width:76rem;margin:0 auto;padding:0 1.5rem}
nav{position:sticky;top:3.9rem;align-self:start;max-height:calc(100vh - 4rem);overflow-y:auto;padding:1.8rem 0;font-size:.92rem}
nav p{margin:1.3rem 0 .3rem;color:var(--soft);font-size:.76rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:.2rem .6rem;margin-left:-.6rem;border-radius:.4rem;color:inherit;text-decoration:none;overflow-wrap:anywhere}
nav a:hover{background:var(--code)}
nav li.none{color:var(--soft)}
main{padding:1.8rem 0 5rem}
section{padding-bottom:1rem}
section+section{border-top:1px solid var(--line);padding-top:1.6rem;margin-top:1rem}
h1{font-size:2rem;letter-spacing:-.02em;line-height:1.2;margin:.4rem 0}
h2{font-size:1.4rem;letter-spacing:-.01em;margin:.2rem 0 .8rem}
h3{font-size:1.1rem;margin:0;overflow-wrap:anywhere}
p{margin:.5rem 0 .9rem;max-width:48rem}
.lead{color:var(--soft);font-size:1.1rem}
.quiet,.empty,.hint{color:var(--soft)}
.steps{padding-left:1.3rem;max-width:48rem}
.steps li{margin:.5rem 0}
dl{max-width:48rem}
dt{font-weight:600;margin-top:.8rem}
dd{margin:.2rem 0 .6rem}
code,pre{font:.86rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{padding:.1rem .3rem;border-radius:.3rem;background:var(--code);overflow-wrap:anywhere}
pre{margin:0;padding:.9rem 1rem;overflow-x:auto;white-space:pre;tab-size:2}
pre code{padding:0;background:none;overflow-wrap:normal}
.code{position:relative;margin:.6rem 0 1rem;border:1px solid var(--line);border-radius:.6rem;background:var(--code)}
.copy{position:absolute;top:.45rem;right:.45rem;padding:.15rem .6rem;font-size:.78rem;color:var(--soft);opacity:.75}
.copy:hover,.copy:focus-visible{opacity:1}
.operation{margin:0 0 1.4rem;padding:1.2rem 1.3rem;border:1px solid var(--line);border-radius:.8rem;background:var(--card)}
.operation header{display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:baseline}
.kind{margin-left:auto;color:var(--soft);font-size:.85rem}
.deprecated,.required{padding:.05rem .45rem;border-radius:1rem;font-size:.76rem;border:1px solid currentColor}
.deprecated{color:var(--post)}
.required{color:var(--soft);border:none;padding:0;font-style:italic}
.path{display:flex;gap:.7rem;align-items:center;margin:.6rem 0}
.path code{background:none;padding:0;font-size:.95rem}
.path em{color:var(--accent);font-style:normal}
.method{padding:.1rem .55rem;border:1px solid currentColor;border-radius:.35rem;font:600 .76rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.get{color:var(--get)}
.post{color:var(--post)}
.scroll{overflow-x:auto;margin:.4rem 0 1rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.4rem 1rem .4rem 0;text-align:left;vertical-align:top;font-size:.92rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:500;font-size:.84rem}
td:first-child{white-space:nowrap}
[role=tablist]{display:flex;gap:.2rem;overflow-x:auto}
[role=tab]{padding:.3rem .8rem;border:none;border-bottom:2px solid transparent;border-radius:0;background:none;color:var(--soft)}
[role=tab][aria-selected=true]{border-color:var(--accent);color:inherit;font-weight:600}
[role=tabpanel] .code{margin-top:.2rem}
details{border-top:1px solid var(--line);padding:.5rem 0}
details:last-child{padding-bottom:0}
summary{cursor:pointer;font-weight:550;font-size:.95rem;padding:.15rem 0}
summary::marker{color:var(--soft)}
.id code{font-size:.8rem}
form label{display:grid;grid-template-columns:10rem minmax(0,1fr);gap:.8rem;align-items:start;margin:.5rem 0}
form label[hidden]{display:none}
form label span{padding-top:.45rem;font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.send{display:flex;flex-wrap:wrap;gap:.8rem;align-items:center;margin:.8rem 0 .4rem}
.hint.live{color:var(--post)}
.result .status{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.8rem 0 0;font-size:.9rem;color:var(--soft)}
.result strong.good{color:var(--good)}
.result strong.bad{color:var(--bad)}
.result pre{max-height:26rem;overflow:auto}
#key-status:empty{display:none}
#key-status{padding:.6rem .9rem;border:1px solid var(--line);border-left:3px solid var(--good);border-radius:.5rem;background:var(--card)}
#key-status.bad{border-left-color:var(--bad)}
#key-status.live{border-left-color:var(--post)}
.chips code{display:inline-block;margin:.15rem .1rem}
@media (max-width:60rem){
.layout{grid-template-columns:minmax(0,1fr);padding:0 1rem}
nav{display:none}
main{padding-top:1rem}
.top{flex-wrap:wrap;padding:.7rem 1rem;gap:.5rem 1rem}
#key-form{max-width:none;flex-basis:100%}
html{scroll-padding-top:7.5rem}
.operation{padding:1rem}
.code{padding-top:1.5rem}
form label{grid-template-columns:minmax(0,1fr);gap:.1rem}
td:first-child{white-space:normal}
}
`;
