/* What stands behind the steps: the frames of groups, and sticky notes that are written on where they stand. */
import { h, inject, nextTick, ref } from "vue";
import { Handle, Position } from "@vue-flow/core";

const icon = (name) => h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, name);
const TONES = { yellow: "wait", green: "ok", blue: "run", red: "bad", plum: "plum", grey: "mute" };

export const Note = {
  props: ["id", "data", "selected"],
  setup(props) {
    const said = inject("said"), tell = inject("tell");
    const writing = ref(false), field = ref(null), size = ref(null);
    /* What is being written stays when others' changes are drawn meanwhile. */
    const text = ref("");
    const write = () => {
      if (!props.data.editable) return;
      text.value = props.data.text;
      writing.value = true;
      nextTick(() => field.value?.focus());
    };
    const done = () => {
      if (!writing.value) return;
      writing.value = false;
      if (text.value !== props.data.text) tell("write", { id: props.id, text: text.value });
    };
    const pressed = (event) => {
      event.stopPropagation();
      if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) done();
    };
    /* Drags the lower right corner. */
    const stretch = (event) => {
      event.preventDefault();
      event.stopPropagation();
      const start = { x: event.clientX, y: event.clientY }, { width, height } = props.data, zoom = props.data.zoom();
      const to = (now) => ({ width: Math.max(80, Math.round(width + (now.clientX - start.x) / zoom)), height: Math.max(40, Math.round(height + (now.clientY - start.y) / zoom)) });
      const moved = (now) => (size.value = to(now));
      const ended = (now) => {
        removeEventListener("pointermove", moved);
        tell("size", { id: props.id, ...to(now) });
        size.value = null;
      };
      addEventListener("pointermove", moved);
      addEventListener("pointerup", ended, { once: true });
    };
    return () => {
      const { width, height } = size.value ?? props.data;
      return h("div", {
        class: ["pdc-note", `pd-tone-${TONES[props.data.color] ?? "wait"}`, { "pdc-chosen": props.selected }], style: { width: width + "px", height: height + "px" },
        "data-testid": `note-${props.id.slice(5)}`, onDblclick: (event) => { event.stopPropagation(); write(); },
      }, [
        writing.value
          ? h("textarea", { ref: field, class: "pdc-note-field nodrag nowheel", maxlength: 4000, value: text.value, onInput: (event) => (text.value = event.target.value), "aria-label": said.note_text, "data-testid": `write-${props.id.slice(5)}`, onBlur: done, onKeydown: pressed })
          : h("div", { class: "pdc-note-text" }, props.data.text || said.note_text),
        props.data.editable ? h("span", { class: "pdc-corner nodrag", onPointerdown: stretch, "aria-hidden": true }) : null,
      ]);
    };
  },
};

export const Frame = {
  props: ["id", "data", "selected"],
  setup(props) {
    const said = inject("said"), tell = inject("tell");
    const fold = () => {
      const { folded, editable } = props.data, key = folded ? "unfold_group" : "fold_group";
      return editable
        ? h("button", { type: "button", class: "pdc-frame-fold nodrag", "aria-label": said[key], title: said[key], "data-testid": `fold-${props.id.slice(6)}`, onClick: (event) => { event.stopPropagation(); tell("fold", props.id); } }, icon(folded ? "unfold_more" : "unfold_less"))
        : null;
    };
    const ends = () => [
      h(Handle, { id: "in", type: "target", position: Position.Top, class: "pdc-hidden" }),
      h(Handle, { id: "out", type: "source", position: Position.Bottom, class: "pdc-hidden" }),
      h(Handle, { id: "!", type: "source", position: Position.Right, class: "pdc-hidden" }),
    ];
    return () => {
      const { data } = props, tone = `pd-tone-${TONES[data.color] ?? "mute"}`;
      const badge = data.problems ? h("span", { class: "pdc-badge pd-tone-bad" }, [icon("error"), String(data.problems)]) : null;
      if (data.folded)
        return h("div", { class: ["pdc-box", "pdc-folded-group", tone, { "pdc-chosen": props.selected }], "data-testid": `frame-${props.id.slice(6)}` }, [
          h("div", { class: "pd-icon" }, icon("layers")),
          h("div", { class: "pdc-words" }, [h("div", { class: "pdc-title" }, data.title), h("div", { class: "pdc-sub" }, data.sub)]),
          badge, fold(), ...ends(),
        ]);
      return h("div", { class: ["pdc-frame", tone, { "pdc-chosen": props.selected }], style: { width: data.width + "px", height: data.height + "px" }, "data-testid": `frame-${props.id.slice(6)}` },
        h("div", { class: "pdc-frame-head" }, [h("span", { class: "pdc-frame-title" }, data.title), badge, fold()]));
    };
  },
};
