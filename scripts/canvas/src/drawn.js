/* The hub's picture of a recipe as Vue Flow takes it. */
export const WIDTH = 264;
export const HEIGHT = 66;

const placed = (one, kept) => kept[one.id] ?? { x: one.x - WIDTH / 2, y: one.y };

export function boxes({ picture, marks, editable }, kept, chosen) {
  const steps = picture.boxes.map((one) => ({
    id: one.id, type: "box", position: placed(one, kept), selected: chosen.has(one.id), deletable: false,
    data: { ...one, mark: marks?.[one.id], editable }, ariaLabel: [one.title, one.sub, ...one.problems].join(", "),
    dimensions: { width: WIDTH, height: HEIGHT },
  }));
  const ends = picture.ends.map((one) => ({
    id: one.id, type: "end", position: end(one, picture, kept), draggable: false, selectable: false, connectable: false, focusable: false,
    data: { way: { source: one.source, case: one.case }, editable }, dimensions: { width: 28, height: 28 },
  }));
  return [...steps, ...ends];
}

/* An open end goes where its step was dragged to. */
function end(one, picture, kept) {
  const source = picture.boxes.find((box) => box.id === one.source), moved = kept[one.source];
  const [dx, dy] = moved && source ? [moved.x + WIDTH / 2 - source.x, moved.y - source.y] : [0, 0];
  return { x: one.x - 14 + dx, y: one.y + dy };
}

export function cables({ picture, editable }, kept) {
  const ways = picture.cables.map((one) => ({
    id: one.id, type: "cable", source: one.source, target: one.target, sourceHandle: handle(one), targetHandle: "in", focusable: false,
    selectable: editable, deletable: false,
    data: {
      editable, merges: one.merges, bend: kept[one.source] || kept[one.target] ? null : one.bend,
      way: { source: one.source, target: one.target, case: one.case, error: one.error },
    },
  }));
  const ends = picture.ends.map((one) => ({
    id: "to " + one.id, type: "cable", source: one.source, target: one.id, sourceHandle: handle(one), targetHandle: "in", focusable: false,
    selectable: false, deletable: false, data: { open: true, way: { source: one.source, case: one.case } },
  }));
  return [...ways, ...ends];
}

const handle = (one) => (one.error ? "!" : one.case == null ? "out" : "=" + one.case);
