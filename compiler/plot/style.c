// SPDX-License-Identifier: Apache-2.0
#include "compiler/plot/style.h"
#include "compiler/plot/page.h"

// Parts: Okabe and Ito's colours, then Tol's, a little lighter in the dark; told apart with the common colour-vision
// deficiencies. On paper it is light.
static const char *const LIGHT[PAGE_COLOURS] = {"#6b7280", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
                                                "#56b4e9", "#332288", "#999933", "#882255", "#ddcc77", "#aa4499"};
static const char *const DARK[PAGE_COLOURS] = {"#9ca3af", "#3b9ad9", "#e8793a", "#2cbf96", "#d890b7", "#e9b44c",
                                               "#7cc7f2", "#9387e6", "#b5b555", "#c65b88", "#ddcc77", "#c77dc0"};
static const char *const LIGHT_THEME =
    "--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--ground:#fff;--panel:#f6f8fa;--link:#0550ae;--heat:#d55e00;"
    "--cool:#0072b2;--good:#1a7f37;--bad:#b3261e";
static const char *const DARK_THEME =
    "--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--ground:#0d1117;--panel:#161b22;--link:#79b8ff;--heat:#e8793a;"
    "--cool:#3b9ad9;--good:#56d364;--bad:#ff8a80";

static const char TEXT[] =
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%}"
    "body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\","
    "Roboto,\"Noto Sans\",\"DejaVu "
    "Sans\",sans-serif;color:var(--ink);background:var(--ground);overflow-wrap:break-word}"
    "@media(min-width:48rem){body{padding:2.5rem 2rem 6rem}}"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em}"
    "h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}"
    "h3{font-size:1rem;line-height:1.35;margin:1.75rem 0 .5rem}"
    "p{margin:.5rem 0;max-width:46rem}"
    ".note{color:var(--soft);font-size:.85rem}"
    "a{color:var(--link);text-underline-offset:.15em}"
    "nav{margin:1rem 0}nav a{display:inline-block;margin:0 1.1rem .3rem 0}"
    "pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;overflow-x:auto;"
    "font-size:.8rem;line-height:1.4}";
// Tables.
static const char TABLES[] =
    ".scroll{overflow-x:auto;margin:.75rem 0;max-width:100%}"
    ".scroll>table{width:max-content}table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-"
    "nums}"
    "caption{text-align:left;overflow-wrap:anywhere;color:var(--soft);font-size:.85rem;padding:0 0 .3rem}"
    "th,td{padding:.3rem .7rem;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}"
    "thead th{font-weight:600;color:var(--soft);vertical-align:bottom}"
    "tbody th{font-weight:500;position:sticky;left:0;background:var(--ground);max-width:11rem;min-width:4.5rem;"
    "white-space:normal;overflow-wrap:anywhere}"
    "th:first-child,td:first-child{padding-left:0}"
    ".n{text-align:right}.u{color:var(--soft);font-weight:400}.good{color:var(--good)}.bad{color:var(--bad)}"
    "tr:target>*{background:var(--panel)}";
// Rows of bars: a name, the bar that takes what is left, a number.
static const char BAR_TABLES[] =
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem 2.5rem}"
    ".bars{width:100%;table-layout:fixed;margin-bottom:.75rem}"
    ".bars td,.bars th{border:0;padding:.12rem .35rem;white-space:normal;overflow-wrap:anywhere}"
    ".bars th{width:7.5rem;padding-left:0}.bars .n{width:6rem}.bars .d{width:4.2rem;padding-right:0;text-align:right}"
    ".bars .w{width:11rem;white-space:normal;overflow-wrap:anywhere}"
    ".bar{display:block;width:7rem;height:.8rem}.bars caption{font-size:.9rem;font-weight:600;color:var(--ink)}"
    ".bars .bar{width:100%;height:.95rem}";
// Colours: marks, bars and keys take the text's.
static const char COLOURS[] =
    ".bar rect,.key rect,.mark{fill:currentColor}.wire{fill:none;stroke:currentColor;stroke-width:1.6;"
    "vector-effect:non-scaling-stroke}.faint{stroke-width:.8;opacity:.5}.dash{stroke-dasharray:5 3}"
    ".range{stroke:currentColor;opacity:.65}"
    ".rule{fill:var(--line)}"
    ".legend{list-style:none;padding:0;margin:.3rem 0 .6rem;display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;"
    "font-size:.85rem}.legend li{display:flex;align-items:center;gap:.4rem;min-width:0}"
    ".legend span{color:var(--ink);overflow-wrap:anywhere}"
    ".key{flex:none;width:.9rem;height:.9rem;overflow:visible}";
// Plots.
static const char PLOTS[] =
    "figure{margin:1rem 0}figcaption{font-size:.9rem;font-weight:600}"
    ".axes{display:grid;grid-template-columns:3.4rem minmax(0,1fr);grid-template-rows:auto 19rem 1.5rem auto;"
    "padding-right:1rem;font-size:.75rem;color:var(--soft)}"
    ".axes.named{grid-template-rows:auto 19rem 7rem auto}"
    ".axes text{fill:var(--soft)}.axes svg{overflow:visible;width:100%;height:100%}"
    ".yl{grid-column:1/3;padding:.2rem 0 .5rem}.xl{grid-column:2;text-align:right}"
    ".grid{stroke:var(--line)}.mark{stroke:var(--ground);stroke-width:.8}"
    "a:hover .mark,.mark:hover,a:focus .mark{stroke:var(--ink);stroke-width:2}"
    ".bar rect:hover{stroke:var(--ink);stroke-width:1}";
// Tables of numbers by colour.
static const char HEATS[] =
    ".heat td{text-align:right;border:1px solid var(--ground);min-width:3.4rem}.heat th{border-color:var(--ground)}"
    ".heat thead th{text-align:right;max-width:9rem;white-space:normal;overflow-wrap:anywhere}"
    ".heat thead th:first-child{text-align:left}";
// Maps and dot diagrams.
static const char MAPS[] =
    ".maps{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:flex-start}"
    ".map{margin:.4rem 0;max-width:100%}.map svg,.map img{display:block;max-width:100%;height:auto;"
    "image-rendering:pixelated;background:var(--panel)}"
    ".map figcaption{font-weight:400;font-size:.8rem;color:var(--soft);max-width:18rem;margin-top:.25rem}"
    ".cells path{stroke:var(--ground);stroke-width:.08}.map b{color:var(--ink)}"
    ".dots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem}"
    ".dots>div{overflow-x:auto}.dots svg{min-width:30rem;max-width:40rem;width:100%;height:auto;fill:var(--ink);"
    "display:block}.dots svg>rect{fill:none}"
    "@media(max-width:30rem){.bars td,.bars th{padding:.12rem .2rem}.bars th{width:5.6rem;padding-left:0}.bars "
    ".n{width:5.2rem}"
    ".bars .d{width:4.3rem;padding-right:0}.bars .w{width:9rem}}"
    "@media print{h2,h3{break-after:avoid}figure,tr,.cards>*{break-inside:avoid}.scroll{overflow:visible}"
    "body{max-width:none;padding:0;font-size:10pt}.scroll>table{width:auto;font-size:8pt}th,td{white-space:normal;"
    "padding:.15rem .4rem}"
    "nav{display:none}tbody th{position:static}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";
static const char *const SHEETS[] = {TEXT, TABLES, BAR_TABLES, COLOURS, PLOTS, HEATS, MAPS};
static void add_theme(str *css, const char *theme, const char *const *colours) {
  str_printf(css, ":root{%s", theme);
  for (int i = 0; i < PAGE_COLOURS; i++)
    str_printf(css, ";--k%d:%s", i, colours[i]);
  str_add(css, "}");
}

// Diagrams of genlib come with colours for white paper.
void style_sheet(str *css) {
  str_add(css, ":root{color-scheme:light dark}");
  add_theme(css, LIGHT_THEME, LIGHT);
  str_add(css, "@media screen and (prefers-color-scheme:dark){");
  add_theme(css, DARK_THEME, DARK);
  str_add(css, ".dots [fill=\"#1f4e79\"]{fill:#6ea8dc}.dots [fill=\"#444\"]{fill:#aaa}.dots [fill=\"#c0392b\"]{fill:"
               "#ef7a6d}}@media print{:root{color-scheme:light}}");
  for (size_t i = 0; i < BASE_COUNT(SHEETS); i++)
    str_add(css, SHEETS[i]);
  for (int i = 0; i < PAGE_COLOURS; i++)
    str_printf(css, ".k%d{color:var(--k%d)}", i, i);
  for (int i = 1; i <= STYLE_HEATS; i++)
    str_printf(css,
               ".h%d{background:color-mix(in srgb,var(--heat) %d%%,transparent)}"
               ".c%d{background:color-mix(in srgb,var(--cool) %d%%,transparent)}",
               i, 8 * i, i, 8 * i);
}
