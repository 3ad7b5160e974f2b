/** Where a payment has been, in order, and where it is. */

import { called } from "../format";

const STATES: Record<string, [number, number]> = {
  requires_payment_method: [0, 0], requires_confirmation: [1, 0], requires_action: [1, 1], processing: [2, 0],
  requires_capture: [2, 1], succeeded: [3, 0], canceled: [3, 1],
};
const [WIDE, HIGH, BOX_WIDE, BOX_HIGH] = [190, 80, 166, 40];

function corner(state: string): [number, number] {
  const [column, row] = STATES[state] ?? [0, 0];
  return [column * WIDE + 4, row * HIGH + 4];
}

export function Machine({ visited, now }: { visited: string[]; now: string }) {
  const path = [...visited, now].filter((state, index, all) => state !== all[index - 1]);
  return (
    <svg className="machine" viewBox={`0 0 ${4 * WIDE} ${2 * HIGH}`} role="img" aria-label={`Path: ${path.map(called).join(", ")}`}>
      {path.slice(1).map((to, index) => <Line key={`${index}${to}`} from={path[index] as string} to={to} />)}
      {Object.keys(STATES).map((state) => {
        const [x, y] = corner(state);
        const kind = state === now ? "now" : visited.includes(state) ? "been" : "other";
        return (
          <g key={state}>
            <rect x={x} y={y} width={BOX_WIDE} height={BOX_HIGH} rx={8} className={kind} />
            <text x={x + BOX_WIDE / 2} y={y + BOX_HIGH / 2 + 4} textAnchor="middle" className={kind}>{called(state)}</text>
          </g>
        );
      })}
      {path.slice(1).map((to, index) => <End key={`${index}${to}`} from={path[index] as string} to={to} />)}
    </svg>
  );
}

interface Step {
  from: string;
  to: string;
}

/** Where a step begins and ends, on the edges of the two boxes. */
function points({ from, to }: Step): [number, number, number, number] {
  const [x1, y1] = corner(from);
  const [x2, y2] = corner(to);
  const [fromX, toX] = x1 === x2 ? [x1 + BOX_WIDE / 2, x2 + BOX_WIDE / 2] : x2 > x1 ? [x1 + BOX_WIDE, x2] : [x1, x2 + BOX_WIDE];
  const [fromY, toY] = x1 !== x2 ? [y1 + BOX_HIGH / 2, y2 + BOX_HIGH / 2] : y2 > y1 ? [y1 + BOX_HIGH, y2] : [y1, y2 + BOX_HIGH];
  return [fromX, fromY, toX, toY];
}

/** Below the boxes, which it may have to pass. */
function Line(step: Step) {
  const [x1, y1, x2, y2] = points(step);
  return <line x1={x1} y1={y1} x2={x2} y2={y2} className="step" />;
}

function End(step: Step) {
  const [, , cx, cy] = points(step);
  return <circle cx={cx} cy={cy} r={4} className="step" />;
}
