/* What is drawn on the canvas: a step, an open end, and the cable between two. */
import { h, inject, markRaw } from "vue";
import { BaseEdge, EdgeLabelRenderer, Handle, Position } from "@vue-flow/core";
import { Frame, Note } from "./around.js";

const icon = (name) => h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, name);

const CHANGES = { added: "add_circle", changed: "change_circle", removed: "remove_circle" };
const COUNTS = { done: ["check", "ok"], filtered: ["filter_alt", "mute"], failed: ["error", "bad"], caught: ["alt_route", "wait"], waiting: ["schedule", "wait"], running: ["sync", "run"] };

/* Icons are drawn by the style, so that only the words are read out. */
const chip = ({ kind, text, title }) => h("span", { class: ["pdc-chip", `pd-tone-${COUNTS[kind][1]}`, `pdc-${kind}`], key: kind, "data-icon": COUNTS[kind][0], title, "aria-label": title }, text);
const tried = (mark, said) =>
  [mark?.pinned && ["push_pin", "run", said.pinned], mark?.stale && ["history_toggle_off", "wait", said.stale], mark?.tried === "ok" && ["check_circle", "ok", said.tried_ok], mark?.tried === "failed" && ["cancel", "bad", said.tried_failed]]
    .filter(Boolean).map(([name, tone, title]) => h("span", { class: ["pdc-mark", `pd-tone-${tone}`], key: name, "data-icon": name, title, role: "img", "aria-label": title }));

const Box = {
  props: ["id", "data", "selected"],
  setup(props) {
    const said = inject("said");
    const outs = () => {
      const cases = props.data.cases ?? [];
      const many = cases.map((name, place) =>
        h(Handle, { id: "=" + name, key: name, type: "source", position: Position.Bottom, title: name, style: { left: `${(100 * (place + 1)) / (cases.length + 1)}%` } }));
      const plain = h(Handle, { id: "out", type: "source", position: Position.Bottom, class: cases.length ? "pdc-hidden" : "" });
      const error = props.id === "trigger" ? null : h(Handle, { id: "!", type: "source", position: Position.Right, class: "pdc-error", title: said.on_error });
      return [...many, plain, error];
    };
    return () => {
      const { data } = props, problem = data.problems?.[0], failure = problem ? "" : data.mark?.reason, sub = problem || failure || data.sub;
      return h(
        "div",
        {
          class: ["pdc-box", `pd-tone-${data.tone}`, data.change && `pdc-is-${data.change}`, { "pdc-chosen": props.selected, "pdc-off": data.off, "pdc-wrong": problem, "pdc-failing": data.mark?.tone === "bad", "pdc-reached": data.mark, "pdc-stale": data.tried?.stale }],
          "data-testid": `box-${props.id}`,
        },
        [
          props.id === "trigger" ? null : h(Handle, { id: "in", type: "target", position: Position.Top }),
          h("div", { class: "pd-icon" }, icon(data.icon)),
          h("div", { class: "pdc-words" }, [
            h("div", { class: "pdc-title" }, data.title),
            h("div", { class: ["pdc-sub", { "pd-bad": problem || failure }], title: sub }, sub),
          ]),
          problem ? h("span", { class: "pdc-badge pd-tone-bad", title: data.problems.join("\n") }, [icon("error"), data.problems.length > 1 ? String(data.problems.length) : ""]) : null,
          data.change || data.tried ? h("span", { class: "pdc-left" }, [
            data.change ? h("span", { class: ["pdc-change", `pdc-${data.change}`], "data-icon": CHANGES[data.change], "data-testid": `change-${props.id}` }, said[data.change]) : null,
            ...tried(data.tried, said),
          ]) : null,
          data.mark ? h("span", { class: "pdc-count", "data-testid": `count-${props.id}` }, data.mark.chips.map(chip)) : null,
          ...outs(),
        ],
      );
    };
  },
};

const End = {
  props: ["id", "data"],
  setup(props) {
    const add = inject("add"), said = inject("said");
    return () =>
      h("div", { class: "pdc-end" }, [
        h(Handle, { id: "in", type: "target", position: Position.Top, class: "pdc-hidden" }),
        props.data.editable
          ? h("button", {
              type: "button", class: "pdc-plus nodrag", "aria-label": said.add, title: said.add, "data-way": JSON.stringify(props.data.way),
              "data-testid": `add-after-${props.data.way.source}${props.data.way.case ? "-" + props.data.way.case : ""}`, onClick: () => add(props.data.way),
            }, icon("add"))
          : h("span", { class: "pdc-stop" }, icon("stop_circle")),
      ]);
  },
};

const STEM = 20;

/* Straight pieces with round corners: down, across, down; a long way keeps to a column of its own. */
function pathOf({ sourceX, sourceY, targetX, targetY, data }) {
  const error = data.way.error, [x, y] = error ? [sourceX + STEM, sourceY] : [sourceX, sourceY + STEM];
  const column = data.bend ?? (error || !data.merges ? targetX : sourceX), into = targetY - STEM;
  const points = error
    ? [[sourceX, sourceY], [column === targetX && targetX < x ? x : Math.max(column, x), y]]
    : [[sourceX, sourceY], [sourceX, y], [column, y]];
  const [turn] = points.at(-1);
  points.push([turn, into], [targetX, into], [targetX, targetY]);
  return [rounded(points), turn, y, into];
}

function rounded(points) {
  const kept = points.filter(([x, y], place) => !place || Math.hypot(x - points[place - 1][0], y - points[place - 1][1]) > 0.5);
  let path = `M${kept[0]}`;
  for (let place = 1; place < kept.length - 1; place++) {
    const [before, here, next] = kept.slice(place - 1, place + 2);
    path += `L${towards(here, before)}Q${here} ${towards(here, next)}`;
  }
  return `${path}L${kept.at(-1)}`;
}

function towards([x, y], [toX, toY]) {
  const length = Math.hypot(toX - x, toY - y), part = Math.min(10, length / 2) / (length || 1);
  return [x + (toX - x) * part, y + (toY - y) * part];
}

const Cable = {
  inheritAttrs: false,
  props: ["id", "sourceX", "sourceY", "targetX", "targetY", "data", "selected", "source", "target"],
  setup(props) {
    const add = inject("add"), said = inject("said");
    return () => {
      const [path, x, top, low] = pathOf(props), { way, open, editable, lit, change } = props.data;
      const label = way.error ? said.on_error : way.case;
      const middle = Math.max((top + low) / 2 + (label ? (way.error ? 22 : 12) : 0), top + (label ? 32 : 10));
      const place = (y) => ({ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` });
      return [
        h(BaseEdge, { id: props.id, path, class: [change && `pdc-cable-${change}`, { "pdc-cable-lit": lit, "pdc-cable-error": way.error, "pdc-cable-chosen": props.selected, "pdc-cable-open": open }], interactionWidth: 18 }),
        h(EdgeLabelRenderer, null, () => [
          label ? h("span", { class: ["pdc-case", { "pdc-case-error": way.error }], style: place(top + (way.error ? 24 : 9)) }, label) : null,
          editable
            ? h("button", {
                type: "button", class: "pdc-plus pdc-plus-small nodrag nopan", style: place(middle), "aria-label": said.insert, title: said.insert,
                "data-way": JSON.stringify(way), "data-testid": `insert-${way.source}-${way.target}`, onClick: () => add(way),
              }, icon("add"))
            : null,
        ]),
      ];
    };
  },
};

export const kinds = { boxes: { box: markRaw(Box), end: markRaw(End), note: markRaw(Note), frame: markRaw(Frame) }, cables: { cable: markRaw(Cable) } };
