/* The hub's picture of a recipe as Vue Flow takes it. */
export const WIDTH = 264;
export const HEIGHT = 66;

export function boxes({ picture, marks, tries, editable }, chosen, zoom) {
  const steps = picture.boxes.map((one) => ({
    id: one.id, type: "box", position: { x: one.x - WIDTH / 2, y: one.y }, selected: chosen.has(one.id), deletable: false, draggable: editable, zIndex: 0,
    data: { ...one, mark: marks?.[one.id], tried: tries?.[one.id], editable }, ariaLabel: [one.title, one.sub, ...one.problems].join(", "),
    dimensions: { width: WIDTH, height: HEIGHT },
  }));
  const ends = picture.ends.map((one) => ({
    id: one.id, type: "end", position: { x: one.x - 14, y: one.y }, draggable: false, selectable: false, connectable: false, focusable: false, zIndex: 0,
    data: { way: { source: one.source, case: one.case }, editable }, dimensions: { width: 28, height: 28 },
  }));
  const frames = picture.frames.map((one) => ({
    id: one.id, type: "frame", position: { x: one.x, y: one.y }, selected: chosen.has(one.id), deletable: false, connectable: false, draggable: editable,
    dragHandle: one.folded ? undefined : ".pdc-frame-head", class: one.folded ? "" : "pdc-behind", zIndex: one.folded ? 0 : -2,
    data: { ...one, editable }, ariaLabel: `${one.title}, ${one.sub}`, dimensions: { width: one.width, height: one.height },
  }));
  const notes = picture.notes.map((one) => ({
    id: one.id, type: "note", position: { x: one.x, y: one.y }, selected: chosen.has(one.id), deletable: false, connectable: false, draggable: editable, zIndex: -1,
    data: { ...one, editable, zoom }, ariaLabel: one.text, dimensions: { width: one.width, height: one.height },
  }));
  return [...frames, ...notes, ...steps, ...ends];
}

export function cables({ picture, editable, lit }) {
  const taken = new Set(lit);
  const ways = picture.cables.map((one) => ({
    id: one.id, type: "cable", source: one.source, target: one.target, sourceHandle: handle(one), targetHandle: "in", focusable: false,
    selectable: editable && !one.fixed, deletable: false,
    data: {
      editable: editable && !one.fixed, merges: one.merges, bend: one.bend, lit: taken.has(one.id), change: one.change,
      way: { source: one.source, target: one.target, case: one.case, error: one.error },
    },
  }));
  const ends = picture.ends.map((one) => ({
    id: "to " + one.id, type: "cable", source: one.source, target: one.id, sourceHandle: handle(one), targetHandle: "in", focusable: false,
    selectable: false, deletable: false, data: { open: true, way: { source: one.source, case: one.case } },
  }));
  return [...ways, ...ends];
}

/* Where everything that was dragged stands now, as the hub keeps it: steps by the middle of their upper edge. */
export function placed(nodes, frames, find) {
  const places = {};
  for (const one of nodes) {
    if (one.type === "box") places[one.id] = middle(one.position);
    if (one.type === "note") places[one.id] = one.position;
    const frame = one.type === "frame" && frames.find((other) => other.id === one.id);
    if (!frame) continue;
    const [dx, dy] = [one.position.x - frame.x, one.position.y - frame.y];
    for (const step of frame.steps) {
      const drawn = find(step);
      places[step] = drawn ? middle(drawn.position) : { x: frame.held[step][0] + dx, y: frame.held[step][1] + dy };
    }
  }
  return places;
}

const middle = ({ x, y }) => ({ x: x + WIDTH / 2, y });
const handle = (one) => (one.error ? "!" : one.case == null ? "out" : "=" + one.case);
