// A grid of fields by keyboard: Enter and the arrows go to the neighbour, as in a spreadsheet.

const STEPS = { Enter: [1, 0], ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

export function startGrids(page) {
  page.addEventListener("keydown", onKey);
}

function onKey(event) {
  const step = STEPS[event.key];
  const grid = event.target.closest?.("[data-grid]");
  if (!step || !grid || event.isComposing || event.target.type === "hidden") return;
  if (step[1] && !isAtEdge(event.target, step[1])) return;
  const next = neighbour(grid, event.target, event.shiftKey ? step.map((one) => -one) : step);
  // Enter sends no form from within a grid: the last field would save a half-filled one.
  if (next || event.key === "Enter") event.preventDefault();
  next?.focus();
  next?.select();
}

// Left and right move within a mark first.
function isAtEdge(field, direction) {
  if (field.selectionStart === 0 && field.selectionEnd === field.value.length) return true;
  return direction > 0 ? field.selectionStart === field.value.length : field.selectionEnd === 0;
}

function neighbour(grid, field, [down, right]) {
  const rows = [...grid.rows].map((row) => [...row.querySelectorAll("input:not([type=hidden])")]);
  const at = rows.findIndex((row) => row.includes(field));
  const column = rows[at].indexOf(field);
  if (right) return rows[at][column + right];
  const below = rows[at + down]?.[column];
  // Below the last child the next subject begins, as papers lie: subject by subject.
  return below ?? (down > 0 ? rows[0][column + 1] : rows.at(-1)[column - 1]);
}
