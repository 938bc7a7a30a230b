/* The keys of the canvas, and the commands that they and the command palette give. */
export function keysOf(props, acts, root, busy) {
  const said = (key) => props.said[key];
  const table = () => [
    ["add", "add", ["Tab"], () => acts.add(), true],
    ["rename", "edit", ["F2"], acts.rename, true],
    ["turn", "toggle_off", ["D"], acts.turn, true],
    ["remove", "delete", ["Del"], acts.remove, true],
    ["duplicate", "content_copy", ["Ctrl", "D"], acts.duplicate, true],
    ["note", "sticky_note_2", ["N"], acts.note, true],
    ["group", "select_all", ["Ctrl", "G"], acts.group, true],
    ["ungroup", "deselect", ["Ctrl", "Shift", "G"], acts.ungroup, true],
    ["undo", "undo", ["Ctrl", "Z"], () => acts.emit("undo"), true],
    ["redo", "redo", ["Ctrl", "Shift", "Z"], () => acts.emit("redo"), true],
    ["publish", "publish", ["Ctrl", "Enter"], () => acts.emit("publish"), true],
    ["trigger", "bolt", [], () => acts.emit("trigger"), true],
    ["back", "settings_backup_restore", [], () => acts.emit("back"), true],
    ["compare", "history", ["V"], () => acts.emit("compare"), false],
    ["all", "select_all", ["Ctrl", "A"], acts.all, false],
    ["find", "search", ["Ctrl", "F"], acts.find, false],
    ["fit", "fit_screen", ["F"], acts.fit, false],
    ["tidy", "account_tree", ["T"], acts.tidy, true],
    ["list", "list", ["L"], () => acts.emit("list"), false],
    ["keys", "keyboard", ["?"], acts.keys, false],
  ].filter((one) => props.editable || !one[4]);
  const commands = () => table().map(([key, icon, keys, act]) => ({ key, icon, label: said(key), keys: keys.join(" "), act }));
  const list = () => [
    [["Ctrl", "K"], said("commands")],
    ...table().filter((one) => one[2].length).map(([key, , keys]) => [keys, said(key)]),
    ...(props.editable ? [[["Ctrl", "C"], said("copy")], [["Ctrl", "X"], said("cut")], [["Ctrl", "V"], said("paste")]] : [[["Ctrl", "C"], said("copy")]]),
    [["Shift"], said("many")], [["Esc"], said("none")],
  ];
  const plain = { F2: acts.rename, Delete: acts.remove, Backspace: acts.remove, d: acts.turn, f: acts.fit, t: acts.tidy, "?": acts.keys, "/": acts.find, n: acts.note, v: () => acts.emit("compare"), l: () => acts.emit("list"), Escape: acts.none };
  const held = { d: acts.duplicate, g: acts.group, k: acts.commands, f: acts.find, a: acts.all, z: () => acts.emit("undo"), y: () => acts.emit("redo"), Enter: () => acts.emit("publish") };
  const changes = new Set([acts.tidy, acts.note, acts.group, acts.ungroup, acts.duplicate, acts.rename, acts.remove, acts.turn, held.z, held.y, held.Enter]);
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true], .q-dialog, .cm-editor");
  const here = () => {
    const active = document.activeElement;
    return !busy() && !document.body.classList.contains("q-body--dialog") && !typing(active ?? document.body) && (active === document.body || root()?.contains(active));
  };
  const actOf = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "g") return acts.ungroup;
    if (event.ctrlKey || event.metaKey) return event.shiftKey && event.key.toLowerCase() === "z" ? held.y : held[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.altKey) return undefined;
    if (event.key === "Tab" && !event.shiftKey && props.editable && acts.selected().length === 1 && !document.activeElement.closest("button")) return () => acts.add();
    return plain[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  };
  const pressed = (event) => {
    if (!here()) return;
    const act = actOf(event);
    if (!act || (changes.has(act) && !props.editable)) return;
    event.preventDefault();
    act();
  };
  const copied = (event, cut) => {
    if (!here() || String(getSelection())) return;
    const text = acts.copied();
    if (!text) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    if (cut && props.editable) acts.remove();
  };
  const copy = (event) => copied(event, false), cut = (event) => copied(event, true);
  const paste = (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!here() || !props.editable || !text.trim()) return;
    event.preventDefault();
    acts.paste(text);
  };
  const all = { keydown: pressed, copy, cut, paste };
  return {
    commands, list,
    listen: () => Object.entries(all).forEach(([name, heard]) => document.addEventListener(name, heard)),
    leave: () => Object.entries(all).forEach(([name, heard]) => document.removeEventListener(name, heard)),
  };
}
