/* A press is not lost to a page that is drawn anew just then: nothing changes while a button is held down, and the keyboard
   stays on what has come in the place of what it was on. */
(() => {
  const LONGEST = 2000, KEYS = new Set(["Enter", " "]), LOST = 2000;
  const DRAWN = ["update", "load_js_components", "run_javascript", "open", "download", "notify"];
  let until = 0, timer = 0;
  const waiting = [];

  /* Telling comes after the click, which comes after the release. */
  const release = () => {
    clearTimeout(timer);
    until = 0;
    while (waiting.length) waiting.shift()();
  };
  const after = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(release, pause);
  };
  const hold = () => {
    until ||= performance.now() + LONGEST;
    after(until - performance.now());
  };
  const soon = (pause) => until && after(pause);
  const pressing = ({ key, target }) => KEYS.has(key) && !target.closest?.("input, textarea, [contenteditable=true]");
  const hears = (kind, act) => addEventListener(kind, act, { capture: true, passive: true });
  hears("pointerdown", hold);
  hears("pointerup", () => soon(60));
  hears("pointercancel", () => soon(0));
  hears("click", () => soon(0));
  hears("keydown", (event) => pressing(event) && hold());
  hears("keyup", ({ key }) => KEYS.has(key) && soon(0));
  hears("blur", ({ target }) => target === window && soon(0));

  const calm = (socket) => {
    for (const name of DRAWN)
      for (const heard of [...socket.listeners(name)]) {
        socket.off(name, heard);
        socket.on(name, (...told) => (until || waiting.length ? waiting.push(() => heard(...told)) : heard(...told)));
      }
  };
  /* What is done before the hub can be told waits in the socket, in its order; NiceGUI itself lets each wait for a time of its own. */
  let heard = false;
  Object.defineProperty(window, "did_handshake", {
    configurable: true,
    get: () => heard || window.socket?.io.opts.query.implicit_handshake === true,
    set: (value) => (heard = value),
  });
  /* NiceGUI makes its socket, and says at once what it hears there. */
  Object.defineProperty(window, "socket", {
    configurable: true,
    set(made) {
      Object.defineProperty(window, "socket", { value: made, writable: true, configurable: true });
      queueMicrotask(() => calm(made));
    },
  });

  const REACHED = "a[href], button, input, select, textarea, [tabindex]";
  const called = (one) => `${one.tagName} ${one.getAttribute("aria-label") ?? one.textContent.trim().slice(0, 80)}`;
  let at = null, mark = "", name = "", room = null, lost = 0;
  hears("focusin", ({ target }) => {
    const marked = target.closest?.("[data-testid]");
    [at, mark, room, lost] = [target, marked?.dataset.testid ?? "", target.closest?.(".q-dialog") ?? null, 0];
    name = marked && marked !== target ? called(target) : "";
  });
  /* What has the same mark, or the same name within it, when there is but one and it stands in the same dialog, if in any. */
  const back = () => {
    if (!at || at.isConnected || !mark || (document.activeElement ?? document.body) !== document.body) return;
    lost ||= performance.now();
    if (performance.now() - lost > LOST) return (at = null);
    const marked = document.querySelectorAll(`[data-testid="${CSS.escape(mark)}"]`);
    const found = name && marked.length === 1 ? [...marked[0].querySelectorAll(REACHED)].filter((one) => called(one) === name) : marked;
    if (found.length === 1 && found[0].closest(".q-dialog") === room) found[0].focus({ preventScroll: true });
  };
  addEventListener("DOMContentLoaded", () => new MutationObserver(back).observe(document.body, { childList: true, subtree: true }));
})();
