/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the graphs of a report, and shows the history of the channel that is clicked. Its data are in #data, as
 * report/data.h says. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const chans = data.channels;
  const NS = "http://www.w3.org/2000/svg";
  const axis = ["v", "f"].find((k) => chans.some((c) => c[k] !== null)) || "i";
  const axisName = { v: "radio velocity (km/s)", f: "frequency (GHz)", i: "channel" }[axis];
  let selected = -1;

  function make(name, attributes, text) {
    const svg = /^(svg|path|line|text|circle|g)$/.test(name);
    const node = svg ? document.createElementNS(NS, name) : document.createElement(name);
    for (const key of Object.keys(attributes || {})) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function add(parent, name, attributes, text) {
    return parent.appendChild(make(name, attributes, text));
  }

  /* ---- numbers ---- */

  /* At round numbers: `most` of them or fewer, two or more. */
  function ticks(lo, hi, most) {
    const power = Math.pow(10, Math.floor(Math.log10((hi - lo) / most)));
    const steps = [10, 5, 2, 1, 0.5, 0.2].map((f) => f * power);
    const count = (step) => Math.floor(hi / step + 1e-9) - Math.ceil(lo / step - 1e-9) + 1;
    const step = [...steps].reverse().find((s) => count(s) <= most && count(s) >= 2) || steps.find((s) => count(s) >= 2);
    const out = [];
    for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) out.push({ at: k * step, text: label(k * step, step) });
    return out;
  }

  function label(v, step) {
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const text = decimals > 6 ? v.toExponential(1) : Math.abs(v).toFixed(decimals);
    return v < 0 && decimals <= 6 && Number(text) !== 0 ? "\u2212" + text : text;
  }

  function logTicks(lo, hi) {
    const out = [];
    for (let p = Math.floor(Math.log10(lo)); p <= Math.ceil(Math.log10(hi)); p++)
      for (const m of hi / lo < 300 ? [1, 2, 5] : [1]) {
        const v = m * Math.pow(10, p);
        if (v >= lo && v <= hi) out.push({ at: v, text: short(v) });
      }
    return out;
  }

  function short(v) {
    if (v === null || v === undefined) return "\u2013";
    const text = Number(v.toPrecision(4));
    return (Math.abs(text) >= 1e6 || (text !== 0 && Math.abs(text) < 1e-3) ? text.toExponential() : String(text)).replace("-", "\u2212");
  }

  /* Brings brightnesses near 1..1000. */
  function scale(values) {
    const top = Math.max(...values.filter((v) => v !== null).map(Math.abs), 0);
    return top >= 0.8 || top === 0 ? [1, ""] : top >= 0.8e-3 ? [1e3, "m"] : [1e6, "\u00b5"];
  }

  /* ---- a graph: steps or dots against x, on a linear or a logarithmic scale ---- */

  function frame(host, x, y, options) {
    const width = Math.max(260, host.clientWidth || 600), height = options.height || 220;
    const box = { left: 58, right: width - 8, top: 8, bottom: height - 38 };
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width: width, height: height, role: "img", "aria-label": options.name });
    const lo = options.log ? Math.log10(y[0]) : y[0], hi = options.log ? Math.log10(y[1]) : y[1];
    const atX = (v) => box.left + ((v - x[0]) / (x[1] - x[0])) * (box.right - box.left);
    const atY = (v) => box.bottom - (((options.log ? Math.log10(v) : v) - lo) / (hi - lo)) * (box.bottom - box.top);
    add(svg, "path", { class: "axis", d: `M${box.left},${box.top}V${box.bottom}H${box.right}` });
    for (const t of ticks(x[0], x[1], Math.max(3, Math.floor(width / 75)))) {
      add(svg, "path", { class: "axis", d: `M${atX(t.at)},${box.bottom}v5` });
      add(svg, "text", { x: atX(t.at), y: box.bottom + 18, "text-anchor": "middle" }, t.text);
    }
    for (const t of options.log ? logTicks(y[0], y[1]) : ticks(y[0], y[1], 5)) {
      add(svg, "path", { class: "axis", d: `M${box.left},${atY(t.at)}h-5` });
      add(svg, "text", { x: box.left - 8, y: atY(t.at) + 4, "text-anchor": "end" }, t.text);
    }
    add(svg, "text", { x: (box.left + box.right) / 2, y: height - 5, "text-anchor": "middle" }, options.x);
    if (!options.log && y[0] < 0 && y[1] > 0) add(svg, "path", { class: "zero", d: `M${box.left},${atY(0)}H${box.right}` });
    return { svg, box, atX, atY };
  }

  function range(values, zero) {
    const known = values.filter((v) => v !== null && isFinite(v));
    if (!known.length) return null;
    let lo = Math.min(...known), hi = Math.max(...known);
    if (zero) [lo, hi] = [Math.min(lo, 0), Math.max(hi, 0)];
    const room = hi > lo ? 0.05 * (hi - lo) : Math.abs(hi) * 0.1 || 1;
    return [zero && lo === 0 ? 0 : lo - room, zero && hi === 0 ? 0 : hi + room];
  }

  function key(host, series) {
    const p = add(host, "div", { class: "key soft" });
    series.forEach((s, k) => {
      const span = add(p, "span");
      const i = add(span, "i");
      i.style.borderColor = `var(${["--line", "--other", "--good", "--bad"][s.style ?? k]})`;
      if ((s.style ?? k) > 1) i.style.borderTopStyle = "dashed";
      span.append(s.name);
    });
  }

  const order = chans.map((_, i) => i).filter((i) => chans[i][axis] !== null).sort((a, b) => chans[a][axis] - chans[b][axis]);
  let half = Infinity; /* of the distance of neighbours */
  for (let k = 1; k < order.length; k++) half = Math.min(half, (chans[order[k]][axis] - chans[order[k - 1]][axis]) / 2 || Infinity);
  half = isFinite(half) ? half : 0.5;

  function stepPath(f, values) {
    let d = "", last = null;
    for (const i of order) {
      const v = values[i], x = chans[i][axis];
      if (v !== null) {
        d += `${last === null ? "M" : "L"}${f.atX(x - half).toFixed(1)},${f.atY(v).toFixed(1)}H${f.atX(x + half).toFixed(1)}`;
      }
      last = v;
    }
    return d;
  }

  function channelGraph(host) {
    const what = host.dataset.of.split(",");
    const names = { peak: "peak", flux: "flux", rms: "rms of the residual", bmaj: "major axis", bmin: "minor axis" };
    const beam = what[0] === "bmaj";
    const raw = what.map((k) => chans.map((c) => c[k]));
    const [factor, prefix] = beam ? [1, ""] : scale(raw.flat());
    const series = raw.map((s, k) => ({ name: names[what[k]], values: s.map((v) => (v === null ? null : v * factor)) }));
    const unit = beam ? "arcsec" : prefix + (what[0] === "flux" ? "Jy" : "Jy/beam");
    host.replaceChildren();
    add(host, "h3", {}, `${beam ? "beam" : series[0].name} (${unit})`);
    const y = range(series.flatMap((s) => s.values), !beam);
    if (!y || !order.length) {
      add(host, "p", { class: "soft" }, "nothing is known yet");
      return;
    }
    const x = [chans[order[0]][axis] - 2 * half, chans[order[order.length - 1]][axis] + 2 * half];
    const f = frame(host, x, y, { x: axisName, name: series[0].name });
    series.forEach((s, k) => add(f.svg, "path", { class: `s${k}`, d: stepPath(f, s.values) }));
    const mark = add(f.svg, "line", { class: "mark", y1: f.box.top, y2: f.box.bottom, x1: -9, x2: -9 });
    host.mark = () => {
      const v = selected < 0 ? null : chans[selected][axis], at = v === null ? -9 : f.atX(v);
      mark.setAttribute("x1", at);
      mark.setAttribute("x2", at);
    };
    f.svg.addEventListener("click", (event) => {
      const r = f.svg.getBoundingClientRect(), px = ((event.clientX - r.left) / r.width) * f.svg.viewBox.baseVal.width;
      select(order.reduce((a, b) => (Math.abs(f.atX(chans[b][axis]) - px) < Math.abs(f.atX(chans[a][axis]) - px) ? b : a)), true);
    });
    host.appendChild(f.svg);
    if (series.length > 1) key(host, series);
    host.mark();
  }

  /* ---- one channel ---- */

  function place(c) {
    const parts = [];
    if (c.v !== null) parts.push(`${c.v.toFixed(3).replace("-", "\u2212")} km/s`);
    if (c.f !== null) parts.push(`${c.f.toFixed(6)} GHz`);
    return parts.join(", ");
  }

  function why(c) {
    if (c.stop !== null) return data.stops[c.stop] || "unknown";
    return c.why ? `failed: ${c.why}` : "not done yet";
  }

  function cycleGraph(host, c) {
    const points = { start: [], end: [], level: [] };
    let done = 0;
    for (const y of c.cycles) {
      points.start.push([done, Math.abs(y.start)]);
      done += y.iterations;
      points.end.push([done, Math.abs(y.peak)]);
      points.level.push([done - y.iterations, y.level], [done, y.level]);
    }
    if (c.peakres !== null) points.start.push([done, Math.abs(c.peakres)]); /* of the last residual */
    const all = [...points.start, ...points.end, ...points.level].map((p) => p[1]).concat(data.threshold || []).filter((v) => v > 0);
    if (!all.length || done === 0) return;
    const [factor, prefix] = scale([Math.max(...all)]);
    add(host, "h3", {}, `peak of the residual (${prefix}Jy/beam) against iterations`);
    const f = frame(host, [0, done], [Math.min(...all) * factor * 0.8, Math.max(...all) * factor * 1.25], {
      x: "iterations", name: "peak of the residual", log: true, height: 240,
    });
    const at = (p) => `${f.atX(p[0]).toFixed(1)},${f.atY(p[1] * factor).toFixed(1)}`;
    if (data.threshold > 0) add(f.svg, "path", { class: "s3", d: `M${at([0, data.threshold])}L${at([done, data.threshold])}` });
    const known = points.level.filter((p) => p[1] > 0);
    if (known.length) add(f.svg, "path", { class: "s2", d: "M" + known.map(at).join("L") });
    let d = "";
    c.cycles.forEach((y, k) => {
      if (points.start[k][1] > 0 && points.end[k][1] > 0) d += `M${at(points.start[k])}L${at(points.end[k])}`;
    });
    add(f.svg, "path", { class: "s0", d: d });
    for (const [list, style] of [[points.start, "s0"], [points.end, "s1"]])
      for (const p of list.filter((q) => q[1] > 0)) {
        const [x, y] = at(p).split(",");
        add(f.svg, "circle", { class: style, cx: x, cy: y, r: 3.5 });
      }
    host.appendChild(f.svg);
    key(host, [{ name: "after a major cycle" }, { name: "as the minor cycle left it" }, { name: "cycle threshold" }, { name: "threshold" }].slice(0, data.threshold > 0 ? 4 : 3));
  }

  function table(host, head, rows) {
    const t = add(add(host, "div", { class: "scroll" }), "table");
    const tr = add(t, "tr");
    head.forEach((h) => add(tr, "th", {}, h));
    rows.forEach((r) => {
      const row = add(t, "tr");
      r.forEach((v) => add(row, "td", {}, v));
    });
  }

  function showDetail(c) {
    const host = document.getElementById("detail");
    host.replaceChildren();
    host.dataset.channel = c.i;
    add(host, "h3", {}, `Channel ${c.i}` + (place(c) ? `: ${place(c)}` : ""));
    add(host, "p", {}, why(c));
    const facts = [["peak", c.peak, "Jy/beam"], ["flux", c.flux, "Jy"], ["rms of the residual", c.rms, "Jy/beam"],
      ["iterations", c.iterations, ""], ["major cycles", c.nmajor, ""], ["time", c.seconds, "s"], ["memory", c.mem === null ? null : c.mem / 1e6, "MB"]];
    const known = facts.filter((x) => x[1] !== null);
    if (known.length) add(host, "p", { class: "soft" }, known.map((x) => `${x[0]} ${short(x[1])}${x[2] ? " " + x[2] : ""}`).join("; "));
    cycleGraph(add(host, "div", { class: "chart" }), c);
    if (c.cycles.length)
      table(host, ["cycle", "iterations", "peak before", "peak after", "threshold of cycle", "flux of model", "mask pixels", "ended by"],
        c.cycles.map((y, k) => [k + 1, y.iterations, short(y.start), short(y.peak), short(y.level), short(y.flux), y.mask, y.by]));
    else add(host, "p", { class: "soft" }, c.stop === null ? "Nothing was cleaned." : "No history: nothing was cleaned, or the records of cycles are not there.");
  }

  function kind(c) {
    if (c.stop === null) return c.why ? "bad" : "none";
    return { 2: "good", 8: "good", 1: "limit", 3: "limit", 9: "limit", 7: "none", "-1": "none" }[c.stop] || "bad";
  }

  function select(i, follow) {
    const strip = document.getElementById("strip").children;
    if (selected >= 0) strip[selected].setAttribute("aria-pressed", "false");
    selected = i;
    strip[i].setAttribute("aria-pressed", "true");
    showDetail(chans[i]);
    document.querySelectorAll(".chart[data-of]").forEach((host) => host.mark && host.mark());
    if (follow) document.getElementById("detail").scrollIntoView({ block: "nearest" });
  }

  function start() {
    const strip = document.getElementById("strip");
    if (chans.length <= 100) strip.classList.add("few");
    chans.forEach((c, i) => {
      const name = `channel ${c.i}${place(c) ? ", " + place(c) : ""}: ${why(c)}`;
      const b = add(strip, "button", { type: "button", class: kind(c), title: name, "aria-label": name, "aria-pressed": "false" });
      if (chans.length <= 100) b.textContent = c.i;
      b.addEventListener("click", () => select(i));
    });
    const draw = () => document.querySelectorAll(".chart[data-of]").forEach(channelGraph);
    draw();
    let width = document.body.clientWidth;
    window.addEventListener("resize", () => {
      if (document.body.clientWidth === width) return;
      width = document.body.clientWidth;
      draw();
      if (selected >= 0) showDetail(chans[selected]);
    });
    const worst = chans.findIndex((c) => kind(c) === "bad");
    const brightest = chans.reduce((a, c, i) => ((c.peak ?? -Infinity) > (chans[a].peak ?? -Infinity) ? i : a), 0);
    if (chans.length) select(worst >= 0 ? worst : brightest);
  }

  start();
})();
