#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at pages in headless Chromium, through the DevTools protocol on a pipe.

    browser.py check PAGE.html...       prints what is wrong, a line each; exit status 1 if anything is
    browser.py shot PAGE.html PREFIX    PREFIX-390.png, -1280.png, -1280-dark.png, .pdf: to look at

A page must not scroll sideways, hold text beyond the window, ask for anything outside itself, be told off by its own policy, or
have text that cannot be told from its background; at 390 and 1280 pixels, light and dark.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

CHROMIUM = os.environ.get("CHROMIUM", "chromium")
SCREENS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]

# Run in the page: a list of complaints. Text may lie beyond the window only within something that scrolls on its own.
MEASURE = r"""
(() => {
  const wrong = [], seen = {}, wide = WIDTH;
  const say = (kind, what) => { seen[kind] = (seen[kind] || 0) + 1; if (seen[kind] <= 3) wrong.push(kind + ': ' + what); };
  const doc = document.scrollingElement;
  if (doc.scrollWidth > wide) say('scrolls sideways', doc.scrollWidth + ' pixels in a window of ' + wide);
  const rgb = text => { const m = text.match(/[\d.]+/g).map(Number); return text.startsWith('color(')
      ? [m[m.length > 4 ? 1 : 0] * 255, m[m.length > 4 ? 2 : 1] * 255, m[m.length > 4 ? 3 : 2] * 255, text.includes('/') ? m[m.length - 1] : 1]
      : [m[0], m[1], m[2], m.length > 3 ? m[3] : 1]; };
  const light = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const ground = e => { const layers = []; for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) layers.push(c); if (c[3] >= 1) break; }
    return layers.reverse().reduce((below, c) => over(c, below), [255, 255, 255, 1]); };
  const scroller = e => { for (; e && e !== document.body; e = e.parentElement) { const o = getComputedStyle(e).overflowX;
      if ((o === 'auto' || o === 'scroll') && e.getBoundingClientRect().right <= wide + 1) return e; } return null; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let letters = 0;
  for (let node; (node = walk.nextNode());) {
    const text = node.textContent.trim(), e = node.parentElement;
    if (!text || e.closest('title, style, script')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const style = getComputedStyle(e);
    let box = null;
    for (const r of range.getClientRects()) box = box || r, letters += r.width > 0 ? text.length : 0;
    if (!box || box.width === 0) continue;
    const b = range.getBoundingClientRect(), s = scroller(e);
    if (!s && (b.left < -1 || b.right > wide + 1)) say('beyond the window', text.slice(0, 40) + ' ' + [b.left, b.right]);
    if (s && (b.left + s.scrollLeft < s.getBoundingClientRect().left - 1)) say('cut off', text.slice(0, 40));
    if (parseFloat(style.fontSize) * (e.ownerSVGElement ? Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b) : 1) < 9 && !e.closest('.dots'))
      say('too small', text.slice(0, 40) + ' ' + style.fontSize);
    const ink = e.ownerSVGElement ? style.fill : style.color, back = ground(e);
    if (ink === 'none') continue;
    const x = light(over(rgb(ink), back)), y = light(back);
    const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (contrast < 4.5) say('contrast ' + contrast.toFixed(1), text.slice(0, 40) + ' ' + ink + ' on ' + back);
  }
  if (letters < 40) say('empty', letters + ' letters');
  // Names and numbers of a table of bars do not cover each other; nor do an axis's ticks.
  for (const svg of document.querySelectorAll('.axes > svg')) {
    const boxes = [...svg.querySelectorAll('text')].filter(t => !t.hasAttribute('transform')).map(t => t.getBoundingClientRect());
    for (let i = 1; i < boxes.length; i++) { const a = boxes[i - 1], b = boxes[i];
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
        say('ticks overlap', svg.textContent.slice(0, 60)); }
  }
  for (const a of document.querySelectorAll('a[href]')) { // a link of SVG has its address as an object
    const to = a.getAttribute('href');
    if (!to.startsWith('#') || !document.getElementById(to.slice(1))) say('leads nowhere', to);
  }
  if (document.scripts.length) say('script', document.scripts.length);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) say('id twice', ids.find((v, i) => ids.indexOf(v) !== i));
  return wrong;
})()
"""


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp()
        # The program reads commands from its descriptor 3 and answers on 4.
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        def descriptors():
            a, b = os.dup(to_read), os.dup(back_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                 "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--remote-debugging-pipe",
                 "--user-data-dir=" + self.home, "about:blank"]
        self.process = subprocess.Popen([CHROMIUM] + flags, close_fds=False, preexec_fn=descriptors, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.home))
        os.close(to_read)
        os.close(back_write)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(domain + ".enable")

    def message(self, seconds=60):
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit("Chromium does not answer")
            more = os.read(self.back, 1 << 20)
            if not more:
                raise SystemExit("Chromium has ended")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.to, json.dumps(command).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, page, width, scheme, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events = []
        self.call("Page.navigate", url=pathlib.Path(page).resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.message())

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def complaints(self, page):
        """What the page asked for beside itself, and what the browser said of it."""
        own, out = pathlib.Path(page).resolve().as_uri(), []
        for e in self.events:
            params = e.get("params", {})
            if e.get("method") == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if url != own and not url.startswith("data:"):
                    out.append("asks for " + url[:200])
            elif e.get("method") == "Log.entryAdded":
                out.append("log: " + params["entry"]["text"][:200])
            elif e.get("method") == "Runtime.consoleAPICalled":
                out.append("console: " + str(params.get("args"))[:200])
        return out

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
        except SystemExit:
            pass
        self.process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


def check(browser, page):
    wrong = []
    for width, scheme in SCREENS:
        browser.open(page, width, scheme)
        ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        wrong += [f"{width} {scheme}: {w}" for w in browser.evaluate(MEASURE.replace('WIDTH', str(width))) + browser.complaints(page)]
        dark = sum(int(v) for v in ground[4:-1].split(",")[:3]) < 3 * 128
        if dark != (scheme == "dark"):
            wrong.append(f"{width} {scheme}: the ground is {ground}")
    browser.open(page, 794, "dark", media="print") # A4
    if browser.evaluate("getComputedStyle(document.body).color") != "rgb(27, 31, 36)":
        wrong.append("print: not dark on white")
    return wrong


def shoot(browser, page, prefix):
    def save(name, data):
        with open(prefix + name, "wb") as f:
            f.write(base64.b64decode(data))

    for width, scheme in SCREENS:
        browser.open(page, width, scheme)
        high = browser.evaluate("document.scrollingElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(high, 16000), "scale": 1}
        shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        save(f"-{width}{'-dark' if scheme == 'dark' else ''}.png", shot["data"])
    save(".pdf", browser.call("Page.printToPDF", printBackground=True)["data"])


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("check", "shot"):
        sys.exit(__doc__)
    browser = Browser()
    try:
        if sys.argv[1] == "shot":
            shoot(browser, sys.argv[2], sys.argv[3])
            return 0
        wrong = [f"{page}: {w}" for page in sys.argv[2:] for w in check(browser, page)]
        print("\n".join(wrong) if wrong else "nothing is wrong")
        return 1 if wrong else 0
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
