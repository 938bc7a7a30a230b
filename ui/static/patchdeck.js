/* What must happen in the browser itself: cookies are set by the API's answers, drafts are kept until they are saved. */
const pd = {
  cookie(name) {
    return document.cookie.split("; ").find((one) => one.startsWith(name + "="))?.slice(name.length + 1) ?? "";
  },
  async call(method, path, body) {
    const headers = { "X-CSRF-Token": pd.cookie("patchdeck_csrf") };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  },
  async submit(form) {
    const error = form.querySelector("[role=alert]"), button = form.querySelector("[type=submit]");
    const body = JSON.parse(form.dataset.fixed || "{}");
    for (const field of form.querySelectorAll("input[name]")) body[field.name] = field.type === "checkbox" ? field.checked : field.value;
    error.textContent = "";
    button.disabled = true;
    try {
      const answer = await pd.call("POST", form.dataset.action, body);
      if (answer.ok) {
        if (form.dataset.done) error.parentElement.querySelector(".pd-done").hidden = false;
        else location.assign(form.dataset.next);
        return;
      }
      const problem = await answer.json().catch(() => ({}));
      const named = (problem.errors || []).map((one) => one.message).join(" ");
      error.textContent = named || problem.detail || form.dataset.failed;
    } catch {
      error.textContent = form.dataset.failed;
    } finally {
      button.disabled = false;
    }
  },
  async leave() {
    await pd.call("POST", "/api/v1/auth/sign-out");
    location.assign("/sign-in");
  },
  async workspace(id) {
    await pd.call("POST", `/api/v1/workspaces/${id}/switch`);
    location.assign("/");
  },
  theme(name) {
    document.cookie = `patchdeck_theme=${name}; path=/; max-age=31536000; samesite=lax`;
  },
  navigation(name) {
    document.cookie = `patchdeck_navigation=${name}; path=/; max-age=31536000; samesite=lax`;
  },
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  },
  /* At once, so that no key comes before it; again where a dialog that closed just then has taken the keyboard along.
     Where it is said what was pressed, who has gone on to something else by then stays there; a dialog that closes is left. */
  focus(mark, pressed = null) {
    const marked = (one) => one.closest?.("[data-testid]")?.dataset.testid;
    const at = document.activeElement ?? document.body, left = at === document.body || at.closest(".q-dialog--seamless");
    if (pressed !== null && !left && marked(at) !== pressed) return;
    const go = () => document.querySelector(`[data-testid="${CSS.escape(mark)}"]`)?.focus();
    let gone_on = false;
    const moved = ({ target }) => (gone_on ||= marked(target) !== mark);
    go();
    document.addEventListener("focusin", moved);
    setTimeout(() => {
      document.removeEventListener("focusin", moved);
      if (!gone_on && document.activeElement === document.body) go();
    }, 80);
  },
  /* Says what a text editor is for, to those who cannot see it, and lets them scroll it. */
  name_editor(id, label, tries = 600) {
    const editor = document.getElementById(id), content = editor?.querySelector(".cm-content");
    if (!content) return tries && setTimeout(() => pd.name_editor(id, label, tries - 1), 100);
    content.setAttribute("aria-label", label);
    editor.querySelector(".cm-scroller").setAttribute("tabindex", "0");
  },
  /* Names the field of files once it is there. */
  name_upload(id, label, tries = 100) {
    const field = document.getElementById(id)?.querySelector("input[type=file]");
    if (field) field.setAttribute("aria-label", label);
    else if (tries) setTimeout(() => pd.name_upload(id, label, tries - 1), 100);
  },
  /* Goes to the place in a page that the address names; the page was not yet there when the browser looked. */
  reveal() {
    setTimeout(() => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView(), 200);
  },
  find_field(id) {
    customElements.get("pd-fields").find(id);
  },
  add_filter(id, text) {
    setTimeout(() => customElements.get("pd-fields").filter(id, text), 150);
  },
  mark_line(id, number) {
    const view = getElement(Number(id.slice(1))).editor, line = view.state.doc.line(Math.min(number, view.state.doc.lines));
    view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    view.focus();
  },
  keep(id, text) {
    localStorage.setItem("patchdeck-draft-" + id, JSON.stringify({ text, at: Date.now() }));
  },
  kept(id) {
    return JSON.parse(localStorage.getItem("patchdeck-draft-" + id) || "null");
  },
  /* Keeps what is typed until the hub has it, so that nothing is lost when the hub goes away in between. */
  follow(editor, id, saved) {
    pd.saved ??= saved;
    setInterval(() => {
      const text = getElement(Number(editor.slice(1)))?.editor?.state.doc.toString();
      if (text !== undefined && text !== pd.saved && text !== pd.typed) pd.keep(id, (pd.typed = text));
    }, 400);
  },
  drop(id, saved) {
    pd.saved = saved;
    pd.typed = undefined;
    localStorage.removeItem("patchdeck-draft-" + id);
  },
};
document.addEventListener("submit", (event) => {
  if (event.target.dataset.action) {
    event.preventDefault();
    pd.submit(event.target);
  }
});

/* Moments are told in the hub's words; on a closer look the browser says them in its own language and time zone. */
for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, ({ target }) => {
    const moment = target.closest?.("time[datetime]");
    if (!moment) return;
    const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
    moment.title = format.format(new Date(moment.dateTime));
  });
}
