// The page's behaviour in the browser: keys, citations that lead to their source, copying, links, history.
// Nothing here makes HTML: what is shown is built from text nodes.
(() => {
  "use strict";
  document.documentElement.lang = "en-GB";

  const HISTORY = "ministerial-answers.questions";
  const CONVERSATIONS = "ministerial-answers.conversations";
  const VISITOR = "ministerial-answers.visitor";
  const KEPT = 20;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const seen = (element) => element.getClientRects().length > 0;
  const question = () => find("#question textarea, #question input");

  // Sources

  function open(card) {
    for (let box = find("details", card); box; box = box.parentElement?.closest("details")) box.open = true;
  }

  function go(card, n) {
    open(card);
    all("mark.now").forEach((mark) => mark.classList.remove("now"));
    const quoted = (n ?? "").split(" ").filter(Boolean).map((one) => `mark[data-n~="${CSS.escape(one)}"]`);
    const marks = quoted.length ? all(quoted.join(), card) : [];
    marks.forEach((mark) => mark.classList.add("now"));
    card.focus({ preventScroll: true });
    const behavior = calm.matches ? "auto" : "smooth";
    if (marks[0]) marks[0].scrollIntoView({ behavior, block: "center" });
    else card.scrollIntoView({ behavior, block: "nearest" });
  }

  function step(by) {
    const cards = all("article.source").filter(seen);
    if (!cards.length) return;
    const here = cards.findIndex((card) => card.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : cards.length - 1) : here + by;
    go(cards[Math.min(Math.max(next, 0), cards.length - 1)]);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.cite");
    if (link) {
      const card = document.getElementById(link.hash.slice(1));
      if (!card) return;
      event.preventDefault();
      go(card, link.dataset.n);
      return;
    }
    const verdict = event.target.closest?.("button[data-verdict]");
    if (verdict) judge(verdict);
    const within = event.target.closest?.("a.within");
    if (within && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
      event.preventDefault();
      follow(within.getAttribute("href"));
      return;
    }
    // The whole conversation is asked for: a follow-up stays one.
    const without = event.target.closest?.("button[data-without]");
    if (without) {
      awaited = true;
      tell("back", without.dataset.without);
    }
    const button = event.target.closest?.("button[data-copy]");
    if (button) copy(button, button.dataset.copy);
    const linked = event.target.closest?.("button[data-link]");
    if (linked) copy(linked, location.origin + location.pathname + linked.dataset.link);
    const saved = event.target.closest?.("button[data-save]");
    if (saved) tell("take", saved.dataset.save);
    const watched = event.target.closest?.("button[data-watch]");
    if (watched) watch(watched);
    if (event.target.closest?.("[role=tab]")) setTimeout(remember, 50);
  });

  // When the server is gone, an old answer must not be taken for that to a new question. Once the toolkit has lost its
  // connection it does nothing more until the page is loaded again: that is done as soon as the server is back.

  const GONE = "The server cannot be reached, so your question was not answered. Once the server is back, this page asks it again by itself.";
  let wanted = ""; // the question that was put and has no answer yet
  let leaving = false; // the toolkit closes its connection then, which is no loss

  const lost = () => /Connection to the server was lost/.test(find(".toast-wrap")?.textContent ?? "");

  async function check() {
    const up = await fetch("./health", { cache: "no-store" }).then(() => true, () => false);
    const notice = find("#gone");
    // Only where somebody did something here: a page that fails whenever it is opened must not be opened for ever.
    if (up && lost() && !leaving && navigator.userActivation?.hasBeenActive) return again();
    if (up) notice?.remove();
    else if (!notice) {
      const said = document.createElement("p");
      said.id = "gone";
      said.setAttribute("role", "alert");
      said.textContent = GONE;
      find("#status")?.after(said);
    }
    document.body.classList.toggle("gone", !up);
  }

  // The conversation with the question that has no answer, which "then" asks as if it had been typed.
  function again() {
    leaving = true;
    const at = asked(location.search);
    if (!wanted || wanted === find(".turn.last")?.dataset.question) return location.reload();
    const filters = at.split("&").slice(1 + at.split("&").findLastIndex((part) => /^\??(q|then)=/.test(part)));
    const turn = [`then=${encodeURIComponent(wanted)}`, ...filters.filter((part) => !part.startsWith("ignore="))];
    location.assign(location.pathname + (at ? `${at}&` : "?") + turn.join("&"));
  }

  addEventListener("beforeunload", () => (leaving = true));
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("#ask, #apply, #stop, button.chip, button.example");
    if (!pressed) return;
    wanted = pressed.matches("#ask") ? question().value.trim() : pressed.matches(".example") ? pressed.textContent.trim() : "";
    check();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.target !== question()) return;
    wanted = question().value.trim();
    check();
  });
  setInterval(() => {
    if (find(".state.busy") || document.body.classList.contains("gone") || lost()) check();
  }, 5000);

  // The toolkit hears of all its questions through one stream, which the server ends once nothing is left to say. A
  // question that sets out in that moment waits for a stream that nobody opens: putting any other opens it.

  const request = window.fetch;
  let streams = 0; // opened so far
  let streaming = false;

  window.fetch = (what, options) => {
    const path = new URL(what.url ?? what, location.href).pathname;
    const sent = request(what, options);
    if (path.endsWith("/queue/data")) {
      const own = ++streams;
      streaming = true;
      what.signal?.addEventListener("abort", () => (streaming = streaming && own !== streams));
    } else if (path.endsWith("/queue/join")) {
      const before = streams;
      sent.then(() => setTimeout(() => !streaming && streams === before && !leaving && tell("take", ""), 300), () => {});
    }
    return sent;
  };

  // Links that narrow the results are followed without loading the page again: the server is told by a hidden
  // field, to which a number is added so that the same link can be followed twice.

  let told = 0;
  let awaited = false; // whether the heading of what comes next takes the focus

  function tell(name, text) {
    const box = find(`#${name} textarea, #${name} input`);
    if (!box) return;
    check();
    box.value = `${text}#${++told}`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function follow(address) {
    awaited = true;
    tell("went", address);
  }

  const narrow = matchMedia("(max-width: 52rem)");

  function arrive(shown) {
    const fold = find(".facets > details", shown);
    if (fold && narrow.matches) fold.open = false; // they would fill the first screen
    all(".plot", shown).forEach((plot) => (plot.scrollLeft = plot.scrollWidth)); // the newest is looked for first
    const title = find("h2", shown);
    if (!awaited || !title) return;
    awaited = false;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    title.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "nearest" });
  }

  // While an answer is being written each sentence sends the sources again: they stay as their reader has left them.

  const left = new Map(); // by the source's id, whether it was opened or closed
  let coming = false;

  function settle() {
    const more = find(".turn.last.waiting") !== null;
    for (const [id, open] of more || coming ? left : []) {
      const box = document.getElementById(id)?.querySelector("details");
      if (box && box.open !== open) box.open = open;
    }
    if (!more) left.clear();
    coming = more;
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("article.source > details > summary")?.parentElement;
    if (box && coming) left.set(box.parentElement.id, !box.open);
  });

  // Keys

  const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

  document.addEventListener("keydown", (event) => {
    document.body.classList.toggle("quiet", event.key === "Escape"); // a card that hides text can be sent away
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      question()?.focus();
      question()?.select();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "o") {
      const box = find("details", document.activeElement.closest?.("article.source") ?? document.createElement("p"));
      if (!box) return;
      find("summary", box).click();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("pointermove", () => document.body.classList.remove("quiet"), { passive: true });

  // Copying: the clipboard proper needs a secure origin; where there is none, the old way.

  async function copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
      button.focus();
    }
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 2000);
  }

  // Files come through the page itself, so that the server needs no route for files.

  function save(json) {
    if (!json) return;
    const { name, type, content } = JSON.parse(json);
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  window.ministerialAnswers = { save };

  // What people say of an answer goes to this server alone, under a random number that this browser keeps.

  function client() {
    const made = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
    try {
      const known = localStorage.getItem(VISITOR) ?? made();
      localStorage.setItem(VISITOR, known);
      return known;
    } catch {
      return (client.once ??= made());
    }
  }

  async function judge(button) {
    const box = button.closest(".opinion");
    const thanks = find(".thanks", box);
    const thumbs = all("[data-verdict=up], [data-verdict=down]", box);
    if (button.dataset.verdict !== "word") {
      const withdrawn = button.getAttribute("aria-pressed") === "true";
      thumbs.forEach((one) => one.setAttribute("aria-pressed", String(one === button && !withdrawn)));
    }
    const verdict = thumbs.find((one) => one.getAttribute("aria-pressed") === "true")?.dataset.verdict ?? null;
    find(".word", box).hidden = !verdict || button.dataset.verdict === "word";
    const said = { ...JSON.parse(box.dataset.about), client: client(), verdict, word: find("input", box).value };
    try {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("./feedback", { method: "POST", headers, body: JSON.stringify(said) });
      thanks.textContent = !answer.ok ? "That could not be saved. Try again." : verdict ? "Thank you. Saved on this server only." : "Withdrawn.";
    } catch {
      thanks.textContent = "The server cannot be reached. Try again.";
    }
  }

  // A watch is kept on the server, which says what it would have reported, or why there can be none.

  async function watch(button) {
    const [said, listed] = [find(".thanks", button.parentElement), find("a", button.parentElement)];
    said.textContent = "Looking at what it would have reported …";
    listed.hidden = true;
    try {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("./watches", { method: "POST", headers, body: button.dataset.watch });
      const told = await answer.json();
      said.textContent = told.said ?? told.detail;
      listed.hidden = !answer.ok;
    } catch {
      said.textContent = "The server cannot be reached. Try again.";
    }
  }

  // The address bar asks the whole conversation again; past questions and saved conversations are kept in this browser
  // only: lists of { q, at }, what they are called and their address.

  function kept(name) {
    try {
      const list = JSON.parse(localStorage.getItem(name) ?? "[]");
      return Array.isArray(list) ? list.filter((one) => typeof one?.q === "string" && one?.at?.startsWith?.("?")) : [];
    } catch {
      return [];
    }
  }

  function keep(name, list) {
    try {
      localStorage.setItem(name, JSON.stringify(list));
      return true;
    } catch {
      return false; // no storage, no history
    }
  }

  const TITLE = "Ministerial Answers";
  const asked = (at) => at.replace(/&(tab|sort)=[^&]*/g, "");
  let last = null;
  let returning = /[?&](q|then)=/.test(location.search); // whether what comes next has its place in the history

  function remember() {
    const shown = all("[data-address]").filter(seen)[0];
    const at = shown?.dataset.address;
    if (!shown || at === last) {
      last = at; // what was shown before the browser went back stays until the server has replaced it
      return;
    }
    const same = returning || asked(at) === asked(location.search);
    last = at;
    wanted = "";
    returning = false;
    arrive(shown);
    all(".turn.last .sources").forEach((panel) => panel.scrollTo(0, 0));
    history[same ? "replaceState" : "pushState"](null, "", at);
    entitle(shown.dataset.title);
    const q = shown.dataset.question;
    // A question that goes on from the last one takes its place in the list.
    if (q) keep(HISTORY, [{ q, at }, ...kept(HISTORY).filter((one) => !at.startsWith(one.at))].slice(0, KEPT));
  }

  function entitle(words) {
    document.title = words ? `${words} – ${TITLE}` : TITLE;
  }

  addEventListener("popstate", () => {
    entitle("");
    returning = true;
    tell("back", location.search);
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#restart") || !location.search) return;
    entitle("");
    returning = false;
    history.pushState(null, "", location.pathname);
  });

  // Conversations that were saved, with names

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".keep > button[aria-expanded]");
    if (!button) return;
    const more = find(".word", button.parentElement);
    more.hidden = !more.hidden;
    button.setAttribute("aria-expanded", String(!more.hidden));
    if (!more.hidden) find("input", more).select();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".keep input")) store(event.target.closest(".keep"));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-store]")) store(event.target.closest(".keep"));
  });

  function store(form) {
    const [at, q] = [form.dataset.keep, find("input", form).value.trim()];
    if (!q) return;
    const saved = keep(CONVERSATIONS, [{ q, at }, ...kept(CONVERSATIONS).filter((one) => one.at !== at)]);
    find(".word", form).hidden = true;
    find("button", form).setAttribute("aria-expanded", "false");
    find("button", form).focus();
    find(".thanks", form).textContent = saved ? "Saved. It is listed under New conversation." : "This browser keeps nothing.";
  }

  function listPast() {
    const box = find("#recent");
    if (!box) return;
    listed(box, "saved", "Saved conversations", CONVERSATIONS, Infinity);
    listed(box, "latest", "Your recent questions", HISTORY, 6);
  }

  function listed(box, kind, heading, name, most) {
    const list = kept(name);
    const now = JSON.stringify(list.slice(0, most));
    box.shown ??= {};
    if (box.shown[kind] === now) return;
    box.shown[kind] = now;
    find(`.${kind}`, box)?.remove();
    if (!list.length) return;
    const part = document.createElement("section");
    part.className = `past ${kind}`;
    const title = document.createElement("h2");
    title.textContent = heading;
    const items = document.createElement("ul");
    for (const { q, at } of list.slice(0, most)) {
      const link = document.createElement("a");
      link.href = location.pathname + at;
      link.textContent = q;
      const item = document.createElement("li");
      item.append(link);
      if (kind === "saved") item.append(" ", button(`Remove`, `Remove ${q}`, () => keep(name, kept(name).filter((one) => one.at !== at))));
      items.append(item);
    }
    part.append(title, items);
    if (kind === "latest") part.append(button("Clear", "Clear", () => keep(name, [])));
    box[kind === "saved" ? "prepend" : "append"](part);
  }

  function button(words, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "copy";
    made.textContent = words;
    if (label !== words) made.setAttribute("aria-label", label);
    made.addEventListener("click", () => {
      act();
      listPast();
      question()?.focus();
    });
    return made;
  }

  // The toolkit draws the page after this script has run: names that it leaves out are added when they appear.

  function name() {
    if (document.documentElement.lang !== "en-GB") document.documentElement.lang = "en-GB";
    const box = question();
    if (box && !box.hasAttribute("aria-keyshortcuts")) box.setAttribute("aria-keyshortcuts", "/");
    const fold = find("#filters > button");
    if (fold) fold.setAttribute("aria-expanded", String(fold.classList.contains("open")));
    for (const list of all("#names datalist")) {
      const field = find(`#filter-${list.id.replace("names-", "")} input`);
      if (field && !field.hasAttribute("list")) field.setAttribute("list", list.id);
    }
    explain();
    for (const group of all("fieldset:not([aria-label])")) {
      group.setAttribute("aria-label", find("[data-testid=block-info]", group)?.textContent.trim() ?? "");
      const radios = all("input[type=radio]", group);
      radios.forEach((radio) => (radio.name = radios[0].name)); // one group, so that the arrow keys work
    }
  }

  // What is typed into a menu takes the place of what was chosen.
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("#filters [role=combobox]")) setTimeout(() => event.target.select());
  });

  // What is wrong with a filter is said at its field.

  function explain() {
    const fault = find("#fault [data-field]");
    const box = fault && find(`#filter-${fault.dataset.field}`);
    const field = box && find("input", box);
    const shown = find(".fault-shown");
    if (shown && field && shown.parentElement === box && shown.textContent === fault.textContent) return;
    shown?.remove();
    for (const one of all("#filters [aria-invalid]")) {
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
    }
    if (!field) return;
    const said = document.createElement("p");
    said.className = said.id = "fault-shown";
    said.textContent = fault.textContent;
    box.append(said);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", said.id);
    const fold = find("#filters > button");
    if (!fold?.classList.contains("open")) fold?.click();
    field.focus();
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      name();
      remember();
      settle();
      listPast();
    });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["class", "lang"] });

  addEventListener("beforeprint", () => all("article.source details").forEach((box) => (box.open = true)));
})();
