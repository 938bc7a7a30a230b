/* The canvas of a recipe. The hub keeps the recipe and draws it anew after every change; what happens here is told to
   it as gestures. */
import { computed, h, nextTick, onBeforeUnmount, onMounted, provide, ref, watch } from "vue";
import { VueFlow, getRectOfNodes, useVueFlow } from "@vue-flow/core";
import { Background } from "@vue-flow/background";
import { Controls, ControlButton } from "@vue-flow/controls";
import { MiniMap } from "@vue-flow/minimap";
import { HEIGHT, WIDTH, boxes, cables, placed } from "./drawn.js";
import { Chooser, KeyList } from "./chooser.js";
import { Palette } from "./palette.js";
import { keysOf } from "./keys.js";
import { kinds } from "./pieces.js";
import { dress } from "./dress.js";

const TRIGGER = "trigger";

export default {
  props: {
    picture: Object, offers: Array, said: Object, marks: Object, lit: Array, tries: Object, recipe: String, editable: Boolean, narrow: String,
  },
  emits: ["choose", "insert", "connect", "remove", "paste", "rename", "switch", "undo", "redo", "publish", "list", "trigger", "duplicate", "back", "compare", "move", "tidy", "note", "write", "size", "group", "ungroup", "fold"],
  setup(props, { emit, expose }) {
    dress();
    if (props.narrow && innerWidth < 720) location.replace(props.narrow);
    const flow = useVueFlow({ id: "canvas-" + props.recipe });
    const open = ref(null); // which overlay: insert, commands, find, keys
    const root = ref(null);
    let chosen = [];

    /* What is being dragged is not drawn anew under the hand: it would jump back to where it was. */
    let dragging = false, due = false;
    const draw = () => {
      due = dragging;
      if (due) return;
      flow.setNodes(boxes(props, new Set(chosen), () => flow.viewport.value.zoom));
      flow.setEdges(cables(props));
    };
    /* A map of what is all in sight would only cover it; where things lie is asked of the picture, which no drag changes. */
    const ground = computed(() => {
      const { boxes: steps, ends, frames, notes } = props.picture;
      const all = [...steps.map(({ x, y }) => [x - WIDTH / 2, y, WIDTH, HEIGHT]), ...ends.map(({ x, y }) => [x - 14, y, 28, 28]), ...[...frames, ...notes].map((one) => [one.x, one.y, one.width, one.height])];
      const least = (place) => Math.min(...all.map((one) => one[place])), most = (place) => Math.max(...all.map((one) => one[place] + one[place + 2]));
      return [least(0), least(1), most(0), most(1)];
    });
    const beyond = computed(() => {
      const [left, top, right, bottom] = ground.value, { x, y, zoom } = flow.viewport.value, { width, height } = flow.dimensions.value;
      return left * zoom + x < 0 || top * zoom + y < 0 || right * zoom + x > width || bottom * zoom + y > height;
    });
    const fit = () => flow.fitView({ padding: 0.16, maxZoom: 1, duration: 160 });
    /* At first everything, unless it would be too small to read: then from the trigger on; clear of the buttons at the left. */
    const begin = () => {
      const { width: whole, height } = flow.dimensions.value, all = getRectOfNodes(flow.getNodes.value), room = 56;
      const buttons = 64, width = whole - buttons;
      const zoom = Math.min(1, width / (all.width + room), height / (all.height + room)), near = Math.max(zoom, 0.72);
      const trigger = (flow.findNode(TRIGGER) ?? flow.getNodes.value[0]).position.x + 132;
      const middle = all.width * near > width ? trigger : all.x + all.width / 2;
      const top = all.height * near > height - room ? room / 2 : (height - all.height * near) / 2;
      const x = whole / 2 - middle * near, covered = x + all.x * near < buttons;
      flow.setViewport({ x: covered ? buttons + width / 2 - middle * near : x, y: top - all.y * near, zoom: near });
    };
    const select = (ids) => {
      chosen = ids.filter((id) => flow.findNode(id));
      flow.removeSelectedElements();
      flow.addSelectedNodes(chosen.map((id) => flow.findNode(id)));
    };
    const show = (id) => {
      select([id]);
      flow.fitView({ nodes: [id], padding: 0.4, maxZoom: 1, duration: 160 });
    };
    /* What was put in is seen, at the size that was chosen. */
    const reveal = (id) => {
      const found = flow.findNode(id);
      if (!found || !root.value?.dataset.ready) return;
      const { x, y, zoom } = flow.viewport.value, { width, height } = flow.dimensions.value;
      const [left, top] = [found.position.x * zoom + x, found.position.y * zoom + y];
      const right = left + found.dimensions.width * zoom, bottom = top + (found.dimensions.height + 80) * zoom;
      const dx = left < 72 ? 72 - left : Math.min(0, width - 24 - right), dy = top < 24 ? 24 - top : Math.min(0, height - bottom);
      if (dx || dy) flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 160 });
    };
    const selected = () => flow.getSelectedNodes.value.filter((one) => one.type !== "end").map((one) => one.id);
    const drawnSteps = () => flow.getSelectedNodes.value.filter((one) => one.type === "box").map((one) => one.id);
    const steps = () => drawnSteps().filter((id) => id !== TRIGGER);
    const gone = () => selected().filter((id) => id !== TRIGGER);
    const after = () => {
      const last = drawnSteps().at(-1) ?? props.picture.boxes.at(-1)?.id ?? TRIGGER;
      const leads = props.picture.cables.filter((one) => one.source === last && !one.error);
      const end = props.picture.ends.find((one) => one.source === last);
      if (end) return { source: last, case: end.case };
      return leads.length === 1 ? { source: last, target: leads[0].target, case: leads[0].case } : { source: last };
    };
    const insert = (uses, way) => { open.value = null; emit("insert", { uses, ...way }); };
    const acts = {
      add: (way) => { if (props.editable) open.value = { kind: "insert", way: way ?? after() }; },
      insert, fit, show, steps, emit, selected: drawnSteps,
      commands: () => (open.value = { kind: "commands" }),
      find: () => (open.value = { kind: "find" }),
      keys: () => (open.value = { kind: "keys" }),
      tidy: () => { emit("tidy", null); setTimeout(fit, 400); },
      note: () => {
        const { x, y, width, height } = root.value.querySelector(".pdc-stage").getBoundingClientRect();
        const at = flow.screenToFlowCoordinate({ x: x + width / 2, y: y + height / 3 });
        emit("note", { x: at.x - 120, y: at.y });
      },
      group: () => { if (steps().length) emit("group", steps()); },
      ungroup: () => { if (selected().length) emit("ungroup", selected()); },
      duplicate: () => { if (steps().length) emit("duplicate", steps()); },
      all: () => select(props.picture.boxes.map((one) => one.id)),
      none: () => { open.value = null; select([]); root.value?.focus(); },
      remove: () => {
        const ways = flow.getSelectedEdges.value.map((one) => one.data.way);
        if (gone().length || ways.length) emit("remove", { steps: gone(), ways });
      },
      rename: () => { const id = drawnSteps().at(-1); if (id) emit("rename", id); },
      turn: () => { if (steps().length) emit("switch", steps()); },
      copied: () => props.picture.boxes.filter((one) => drawnSteps().includes(one.id)).map((one) => one.copied).join(""),
      paste: (text) => emit("paste", { text, way: after() }),
    };
    provide("add", acts.add);
    provide("said", props.said);
    provide("tell", (name, what) => emit(name, what));
    const keys = keysOf(props, acts, () => root.value, () => open.value !== null);

    flow.onConnect((made) => {
      const [error, name] = [made.sourceHandle === "!", made.sourceHandle?.startsWith("=") ? made.sourceHandle.slice(1) : null];
      emit("connect", { source: made.source, target: made.target, case: name, error });
    });
    /* What is in a frame goes with it. */
    let held = {}, begun = {};
    const spots = (nodes) => Object.fromEntries(nodes.map((one) => [one.id, { ...one.position }]));
    const drag = () => (dragging = true);
    const dropped = () => { dragging = false; if (due) draw(); };
    flow.onConnectStart(drag);
    flow.onConnectEnd(dropped);
    flow.onNodeDragStart(({ nodes }) => { drag(); held = spots(nodes); begun = spots(nodes); });
    flow.onNodeDrag(({ nodes }) => {
      const moving = new Set(nodes.map((one) => one.id));
      for (const one of nodes.filter((other) => other.type === "frame" && !other.data.folded)) {
        const before = held[one.id] ?? one.position, [dx, dy] = [one.position.x - before.x, one.position.y - before.y];
        held[one.id] = { ...one.position };
        for (const step of one.data.steps.map(flow.findNode)) if (step && !moving.has(step.id)) step.position = { x: step.position.x + dx, y: step.position.y + dy };
      }
    });
    flow.onNodeDragStop(({ nodes }) => {
      const frames = props.picture.frames.map((one) => ({ ...one, held: props.picture.places }));
      const moved = nodes.filter((one) => !begun[one.id] || Math.hypot(one.position.x - begun[one.id].x, one.position.y - begun[one.id].y) > 0.5);
      const places = placed(moved, frames, flow.findNode);
      if (!Object.keys(places).length) return dropped();
      dragging = false; // the hub answers a move with a drawing
      emit("move", { places });
    });
    let told;
    watch(flow.getSelectedNodes, () => {
      const now = selected();
      if (now.join() === told) return;
      told = now.join();
      chosen = now;
      emit("choose", now);
    });
    watch(() => [props.picture, props.marks, props.lit, props.tries], draw);
    flow.onNodesInitialized(() => { if (!root.value?.dataset.ready) { begin(); Object.assign(root.value.dataset, { ready: "true", took: performance.now() }); } });
    onMounted(() => { draw(); keys.listen(); });
    onBeforeUnmount(keys.leave);
    expose({ select: (ids) => nextTick(() => (select(ids), ids.length && reveal(ids.at(-1)))), show, fit, redraw: draw });

    const drop = (event) => {
      const uses = event.dataTransfer.getData("application/x-patchdeck-step");
      if (!uses) return;
      event.preventDefault();
      const held = event.target.closest("[data-way]")?.dataset.way;
      const box = event.target.closest(".vue-flow__node")?.dataset.id;
      const end = props.picture.ends.find((one) => one.id === box);
      const way = held ? JSON.parse(held) : end ? { source: end.source, case: end.case } : nearest(event);
      insert(uses, way);
    };
    /* A step that is dropped on nothing goes into the way that is nearest, or at the end. */
    const nearest = (event) => {
      const all = [...root.value.querySelectorAll("[data-way]")].map((one) => {
        const place = one.getBoundingClientRect();
        return [Math.hypot(place.x + place.width / 2 - event.clientX, place.y + place.height / 2 - event.clientY), one.dataset.way];
      });
      const [distance, way] = all.sort((one, other) => one[0] - other[0])[0] ?? [Infinity];
      return distance < 120 ? JSON.parse(way) : after();
    };
    const said = (key) => props.said[key];
    const overlay = () => {
      const kind = open.value?.kind;
      if (!kind) return null;
      const close = () => acts.none();
      if (kind === "keys") return h(KeyList, { keys: keys.list(), said: props.said, onClose: close });
      const stepEntries = () => props.picture.boxes.map((one) => ({ ...one, key: one.id, label: one.title, act: () => { open.value = null; show(one.id); root.value.focus(); } }));
      const entries = {
        insert: () => props.offers.map((one) => ({ ...one, key: one.uses, label: one.title, sub: one.text, act: () => insert(one.uses, open.value.way) })),
        find: stepEntries,
        commands: () => [...keys.commands().map((one) => ({ ...one, act: () => { open.value = null; one.act(); } })), ...stepEntries()],
      };
      return h(Chooser, { key: kind, entries: entries[kind](), label: said(kind), hint: said("search"), empty: said("nothing"), onClose: close });
    };
    return () =>
      h("div", { class: "pdc", ref: root, tabindex: -1, "data-testid": "canvas", role: "application", "aria-label": said("label") }, [
        props.editable ? h(Palette, { offers: props.offers, said: props.said, onAdd: (uses) => insert(uses, after()) }) : null,
        h("div", { class: "pdc-stage", onDrop: drop, onDragover: (event) => event.preventDefault() }, [
          h(
            VueFlow,
            {
              id: flow.id, nodeTypes: kinds.boxes, edgeTypes: kinds.cables, minZoom: 0.04, maxZoom: 1.6,
              nodesConnectable: props.editable, deleteKeyCode: null, multiSelectionKeyCode: ["Shift", "Control", "Meta"],
              selectionKeyCode: "Shift", elevateEdgesOnSelect: false, elevateNodesOnSelect: false, zoomOnDoubleClick: false, nodeDragThreshold: 3, disableKeyboardA11y: false, onlyRenderVisibleElements: false,
              connectionRadius: 36, onPaneClick: () => root.value.focus({ preventScroll: true }),
            },
            () => [
              h(Background, { gap: 22, size: 1.4, color: "var(--line-strong)" }),
              beyond.value ? h(MiniMap, { pannable: true, zoomable: true, ariaLabel: said("map"), nodeColor: (one) => ({ end: "transparent", frame: "var(--line)", note: "var(--wait-soft)" })[one.type] ?? "var(--accent-pale)", maskColor: "var(--pdc-mask)", nodeStrokeWidth: 0, width: 168, height: 112 }) : null,
              h(Controls, { showInteractive: false, showZoom: false, showFitView: false }, () =>
                [["add", "zoom_in", () => flow.zoomIn()], ["remove", "zoom_out", () => flow.zoomOut()], ["fit_screen", "fit", fit],
                 ...(props.editable ? [["account_tree", "tidy", acts.tidy]] : []), ["search", "find", acts.find], ...(props.editable ? [["sticky_note_2", "note", acts.note]] : []), ["keyboard", "keys", acts.keys]].map(([icon, key, act]) =>
                  h(ControlButton, { key, title: said(key), "aria-label": said(key), "data-testid": "canvas-" + key, onClick: act }, () =>
                    h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, icon)))),
            ],
          ),
          overlay(),
        ]),
      ]);
  },
};
