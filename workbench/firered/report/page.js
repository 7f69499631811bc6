"use strict";
// The pairs: filters, pages of cards, and differences drawn from the two thumbnails. Text goes into the
// page as text nodes only, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const cards = document.getElementById("cards");
  if (!data.pairs.length) return;

  const FIXED = { page: 1, task: "", subtask: "", strategy: "", verdict: "", tier: "concise", language: "en", gain: 4 };
  const TIERS = ["detailed", "concise", "user", "all"];
  const state = { ...FIXED };
  const verdictOf = (pair) => (pair.reason ? "rejected" : "kept");
  const valueOf = { task: (p) => p.task, subtask: (p) => p.subtask, strategy: (p) => p.strategy, verdict: verdictOf };
  const languages = [...new Set(data.pairs.flatMap((pair) => Object.keys(pair.texts).map((key) => key.split(" ")[0])))].sort();

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function number(value) {
    return value.toLocaleString("en", { maximumSignificantDigits: 4 }).replace("-", "\u2212");
  }

  // --- the address remembers what is shown ---

  function read() {
    Object.assign(state, FIXED);
    if (!languages.includes("en") && languages.length) state.language = languages[0];
    const [place, query] = location.hash.slice(1).split("?");
    if (place !== "pairs" || !query) return false;
    for (const [key, value] of new URLSearchParams(query)) {
      if (key in state) state[key] = typeof FIXED[key] === "number" ? Number(value) || FIXED[key] : value;
    }
    return true;
  }

  function remember() {
    const changed = Object.entries(state).filter(([key, value]) => value !== FIXED[key]);
    const query = new URLSearchParams(changed).toString();
    history.replaceState(null, "", query ? `#pairs?${query}` : "#pairs");
  }

  function set(changes) {
    Object.assign(state, { page: 1 }, changes);
    remember();
    show();
  }

  // --- choosing ---

  function matches(pair, except) {
    return Object.keys(valueOf).every((key) => key === except || !state[key] || valueOf[key](pair) === state[key]);
  }

  function counts(key) {
    const found = new Map();
    for (const pair of data.pairs) {
      const value = valueOf[key](pair);
      found.set(value, (found.get(value) || 0) + (matches(pair, key) ? 1 : 0));
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  function chips(key) {
    const some = counts(key);
    const all = some.reduce((sum, [, count]) => sum + count, 0);
    return [["", all], ...some].map(([value, count]) =>
      element("button", {
        type: "button", ariaPressed: String(state[key] === value), disabled: !count && state[key] !== value,
        onclick: () => set({ [key]: value, ...(key === "task" ? { subtask: "" } : {}) }),
      }, value || "all", " ", element("small", {}, number(count))));
  }

  function choice(key, label) {
    const options = counts(key).filter(([value, count]) => count || state[key] === value);
    const menu = element("select", { onchange: () => set({ [key]: menu.value }) }, element("option", { value: "" }, "all"),
      ...options.map(([value, count]) => element("option", { value, selected: state[key] === value }, `${value} (${number(count)})`)));
    return element("label", {}, label, menu);
  }

  function segments(key, values) {
    return values.map((value) => element("button", {
      type: "button", ariaPressed: String(state[key] === value), onclick: () => set({ [key]: value, page: state.page }),
    }, value));
  }

  function gain() {
    const slider = element("input", { type: "range", min: 1, max: 16, value: state.gain });
    const said = element("span", {}, `× ${state.gain}`);
    slider.oninput = () => {
      state.gain = Number(slider.value);
      said.textContent = `× ${state.gain}`;
      cards.querySelectorAll("canvas").forEach((canvas) => canvas.draw());
    };
    slider.onchange = remember;
    return element("label", {}, "Difference", slider, said);
  }

  // --- cards ---

  function image(number, alt) {
    return element("img", { src: "data:image/webp;base64," + data.thumbnails[number], alt });
  }

  function frame(pair, first, second, caption) {
    const what = `${pair.task}, ${pair.subtask}`;
    const names = { source: "before", target: "after" };
    return element("figure", {},
      element("div", { className: "frame", tabIndex: 0 },
        image(pair[first], `${names[first]}: ${what}`), image(pair[second], `${names[second]}: ${what}`)),
      element("figcaption", {}, caption));
  }

  function pixels(picture, width, height) {
    const canvas = element("canvas", { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  }

  // The largest difference of the three channels, as ink: none where nothing changed.
  function ink(before, after, width, height, gain, color) {
    const [a, b] = [pixels(before, width, height), pixels(after, width, height)];
    const made = new ImageData(width, height);
    for (let i = 0; i < a.length; i += 4) {
      const change = Math.max(Math.abs(a[i] - b[i]), Math.abs(a[i + 1] - b[i + 1]), Math.abs(a[i + 2] - b[i + 2]));
      made.data.set(color, i);
      // A few levels are the noise of the thumbnails, not of the edit.
      made.data[i + 3] = Math.min(255, Math.max(0, change - 6) * gain);
    }
    return made;
  }

  function inkColor() {
    return matchMedia("(prefers-color-scheme: dark)").matches ? [255, 138, 76] : [190, 66, 20];
  }

  async function compare(pair, holder) {
    const [before, after] = [image(pair.source, ""), image(pair.target, "")];
    await Promise.all([before.decode(), after.decode()]);
    const [width, height] = [after.naturalWidth, after.naturalHeight];
    const shapes = (before.naturalWidth / before.naturalHeight) / (width / height);
    if (Math.abs(shapes - 1) > 0.03) {
      holder.append(element("span", { className: "note" }, "the shape changed"));
      return;
    }
    const canvas = element("canvas", { width, height, role: "img", ariaLabel: `difference: ${pair.task}, ${pair.subtask}` });
    canvas.draw = () => canvas.getContext("2d").putImageData(ink(before, after, width, height, state.gain, inkColor()), 0, 0);
    canvas.draw();
    holder.append(canvas);
  }

  function difference(pair) {
    const holder = element("div", { className: "frame" });
    compare(pair, holder).catch(() => holder.append(element("span", { className: "note" }, "no difference to show")));
    return element("figure", {}, holder, element("figcaption", {}, "difference"));
  }

  function says(pair) {
    const tiers = state.tier === "all" ? TIERS.slice(0, 3) : [state.tier];
    const found = tiers.flatMap((tier) => pair.texts[`${state.language} ${tier}`] || []);
    if (!found.length) return [element("p", { className: "small" }, `no ${state.tier} instruction in ${state.language}`)];
    return found.map((text) => element("p", { className: "says", lang: state.language }, text));
  }

  function gauge(label, value, cut) {
    const bar = element("i", { className: value < cut ? "low" : "" });
    bar.style.width = `${100 * value}%`;
    return element("span", {}, label, element("span", { className: "gauge" }, bar), element("b", {}, value.toFixed(2)));
  }

  function scores(pair) {
    const score = pair.score;
    const parts = [];
    if ("followed" in score) parts.push(gauge("followed", score.followed, data.cuts.followed));
    if ("kept" in score) parts.push(gauge("rest kept", score.kept, data.cuts.kept));
    if ("measured" in score) parts.push(element("span", {}, `${score.property}: asked `, element("b", {}, number(score.asked)), ", found ", element("b", {}, number(score.measured))));
    if ("changed_area" in score) parts.push(element("span", {}, "changed ", element("b", {}, `${number(100 * score.changed_area)} %`)));
    if (score.psnr < 100) parts.push(element("span", {}, element("b", {}, score.psnr.toFixed(1)), " dB"));
    return element("div", { className: "scores" }, ...parts);
  }

  // What was asked for in short; everything needed to make the target again is folded away.
  function about(pair) {
    const short = Object.entries(pair.parameters.arguments || pair.parameters).filter(([, value]) => value !== null);
    const told = short.map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`);
    const all = JSON.stringify({ pair: pair.id, maker: pair.maker, seed: pair.seed, ...pair.parameters }, null, 1);
    return element("details", { className: "small" },
      element("summary", {}, [pair.name, ...told].filter(Boolean).join(" · ") || "parameters"), element("pre", {}, all));
  }

  function card(pair) {
    const verdict = verdictOf(pair);
    return element("article", { className: `card ${verdict === "kept" ? "" : "lost"}`, id: `pair-${pair.id}` },
      element("div", { className: "head" },
        element("span", { className: "chip task" }, pair.task), element("span", { className: "chip" }, pair.subtask),
        element("span", { className: "chip" }, [pair.strategy, pair.subtask].includes(pair.maker) ? pair.strategy : `${pair.strategy}: ${pair.maker}`),
        element("span", { className: "verdict" }, verdict)),
      element("div", { className: "trio" }, frame(pair, "source", "target", "before"), frame(pair, "target", "source", "after"), difference(pair)),
      ...says(pair), about(pair),
      pair.reason ? element("p", { className: "small bad" }, pair.reason) : null,
      scores(pair));
  }

  // --- the page ---

  function pager(holder, pages, count) {
    const turn = (by) => element("button", {
      type: "button", disabled: state.page + by < 1 || state.page + by > pages, ariaLabel: by < 0 ? "previous page" : "next page",
      onclick: () => go(state.page + by),
    }, by < 0 ? "←" : "→");
    holder.replaceChildren(turn(-1), `page ${state.page} of ${pages}, ${number(count)} ${count === 1 ? "pair" : "pairs"}`, turn(1));
  }

  function found() {
    return data.pairs.filter((pair) => matches(pair));
  }

  function go(page) {
    const pages = Math.max(1, Math.ceil(found().length / data.page));
    if (page < 1 || page > pages) return;
    set({ page });
    document.getElementById("controls").scrollIntoView({ block: "start" });
  }

  function controls() {
    const rows = [
      element("div", { className: "row" }, ...chips("task")),
      element("div", { className: "row" }, choice("subtask", "Subtask"), choice("strategy", "Strategy"), choice("verdict", "Verdict"), gain()),
      element("div", { className: "row" }, element("label", {}, "Instruction"), ...segments("tier", TIERS), element("label", {}), ...segments("language", languages)),
    ];
    document.getElementById("controls").replaceChildren(...rows);
  }

  function show() {
    const pairs = found();
    const pages = Math.max(1, Math.ceil(pairs.length / data.page));
    state.page = Math.min(Math.max(1, Math.round(state.page)), pages);
    controls();
    document.querySelectorAll(".pager").forEach((holder) => pager(holder, pages, pairs.length));
    cards.replaceChildren(...pairs.slice((state.page - 1) * data.page, state.page * data.page).map(card));
  }

  // One kept pair of each task and subtask, turn by turn over the tasks.
  function mosaic() {
    const groups = new Map();
    for (const pair of data.pairs.filter((each) => !each.reason)) {
      const subtasks = groups.get(pair.task) || new Map();
      if (!subtasks.has(pair.subtask)) subtasks.set(pair.subtask, pair);
      groups.set(pair.task, subtasks);
    }
    const turns = [...groups.values()].flatMap((subtasks) => [...subtasks.values()].map((pair, turn) => ({ pair, turn })));
    const chosen = turns.sort((a, b) => a.turn - b.turn).slice(0, 16).map(({ pair }) => pair);
    const holder = document.getElementById("mosaic");
    holder.hidden = !chosen.length;
    holder.replaceChildren(...chosen.map((pair) => element("a", { href: `#pairs?task=${encodeURIComponent(pair.task)}&subtask=${encodeURIComponent(pair.subtask)}` },
      image(pair.source, `before: ${pair.subtask}`), image(pair.target, `after: ${pair.subtask}`), element("span", {}, pair.subtask.replaceAll("_", " ")))));
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") go(state.page - 1);
    if (event.key === "ArrowRight") go(state.page + 1);
  });

  function arrive() {
    const asked = read();
    show();
    if (asked) document.getElementById("pairs").scrollIntoView();
  }

  addEventListener("hashchange", () => { if (location.hash.startsWith("#pairs?")) arrive(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show());
  mosaic();
  arrive();
})();
