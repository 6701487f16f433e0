# SPDX-License-Identifier: GPL-3.0-or-later
"""browser.py PAGE WIDTH SCRIPT [SHOT.png]: opens the page in a headless Chromium, WIDTH pixels wide and cut off from any
network, runs SCRIPT (JavaScript, a function body) in it, and prints what that returns as JSON, with the page's errors:
{"result": ..., "errors": [...]}. Exits with 77 when there is no Chromium. The page stands in a frame, as a window of
Chromium is no narrower than 500 pixels."""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HEIGHT = int(os.environ.get("HEIGHT", 1200))
BEFORE = """<script>
window.pcErrors = [];
window.addEventListener("error", (e) => pcErrors.push(String(e.message)), true);
window.addEventListener("unhandledrejection", (e) => pcErrors.push(String(e.reason)));
console.error = console.warn = (...a) => pcErrors.push(a.join(" "));
</script>"""
AFTER = """<script>
window.addEventListener("load", () => {
  let result;
  try { result = (() => { %s })(); } catch (e) { pcErrors.push(String(e)); }
  const p = document.createElement("pre");
  p.id = "pc-said";
  p.textContent = JSON.stringify({ result: result, errors: pcErrors });
  parent.document.body.appendChild(p);
});
</script>"""


def chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def run(profile, page, width, *what):
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
               "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr",
               "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", f"--user-data-dir={profile}",
               f"--window-size={width},{HEIGHT}", "--virtual-time-budget=10000", *what, "file://" + page]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=180)


def main(page, width, script, shot=None):
    if not chromium():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as dir:
        text = open(page, encoding="utf-8").read()
        text = text.replace("<head>", "<head>" + BEFORE, 1).replace("</body>", AFTER % script.replace("</", "<\\/") + "</body>", 1)
        copy = os.path.join(dir, "page.html")
        with open(copy, "w", encoding="utf-8") as f:
            f.write('<!doctype html><meta charset="utf-8"><body style="margin:0">'
                    f'<iframe style="border:0;width:{width}px;height:{HEIGHT}px" srcdoc="{html.escape(text)}"></iframe>')
        p = run(os.path.join(dir, "profile"), copy, width, "--dump-dom")
        said = re.search(r'<pre id="pc-said">(.*?)</pre>', p.stdout, re.S)
        if not said:
            sys.exit(f"the page said nothing (exit {p.returncode}): {p.stderr[-2000:]}")
        out = json.loads(html.unescape(said[1]))
        out["errors"] += [line for line in p.stderr.splitlines() if "CONSOLE" in line]
        print(json.dumps(out))
        if shot:
            run(os.path.join(dir, "profile"), copy, width, "--screenshot=" + os.path.abspath(shot))


main(*sys.argv[1:])
