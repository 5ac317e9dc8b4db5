import { finiteQueue, meanWaitMarkovian } from '../../core/queueing.ts'

/** The station of the picture: M/M/4, with 20 places in its queue or an endless one. Its knee is at 400 per second. */
const SERVERS = 4
const MEAN_SERVICE_MS = 10
const QUEUE_LIMIT = 20
const KNEE = (SERVERS / MEAN_SERVICE_MS) * 1000

const MOST_PER_SECOND = 600
const MOST_MS = 80
const PANEL = { width: 300, height: 200, top: 40, left: 60, apart: 90 }
const INK = {
  axis: '#57606a',
  grid: '#d0d7de',
  ideal: '#8c959f',
  knee: '#bc4c00',
  finite: '#0969da',
  endless: '#8250df',
}

interface Panel {
  left: number
  /** Top of the vertical axis. */
  most: number
  step: number
}

type Curve = (perSecond: number) => number

/**
 * Returns an SVG of a station's throughput and response time at rising arrival rates, drawn from the formulas and not
 * from a run.
 */
export function kneePicture(): string {
  const carried: Panel = { left: PANEL.left, most: MOST_PER_SECOND, step: 200 }
  const spent: Panel = { left: PANEL.left + PANEL.width + PANEL.apart, most: MOST_MS, step: 20 }
  const width = spent.left + PANEL.width + 20
  const height = PANEL.top + PANEL.height + 50
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Throughput and time at a station of four servers, as arrivals grow past its knee</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...axes(carried, 'served per second'),
    line(carried, perSecond => perSecond, INK.ideal, '4 4'),
    line(carried, perSecond => perSecond * (1 - finite(perSecond).loss), INK.finite),
    ...kneeLine(carried),
    label(x(carried, 390), y(carried, 440), 'what arrives', INK.ideal, 'end'),
    label(x(carried, 598), y(carried, 350), 'what is served', INK.finite, 'end'),
    ...axes(spent, 'mean ms at the station, of those that are served'),
    line(spent, perSecond => meanWait(perSecond) + MEAN_SERVICE_MS, INK.endless),
    line(spent, perSecond => finite(perSecond).meanWait + MEAN_SERVICE_MS, INK.finite),
    ...kneeLine(spent),
    label(x(spent, 372), y(spent, 72), 'M/M/4', INK.endless, 'end'),
    label(x(spent, 598), y(spent, 43), `M/M/4/${SERVERS + QUEUE_LIMIT}`, INK.finite, 'end'),
    '</svg>',
  ].join('\n')}\n`
}

function finite(perSecond: number) {
  return finiteQueue({ arrivalRate: perSecond / 1000, meanService: MEAN_SERVICE_MS, servers: SERVERS }, QUEUE_LIMIT)
}

function meanWait(perSecond: number): number {
  return meanWaitMarkovian({ arrivalRate: perSecond / 1000, meanService: MEAN_SERVICE_MS, servers: SERVERS })
}

/** Draws the curve as long as it stays within the panel. */
function line(panel: Panel, curve: Curve, colour: string, dashes?: string): string {
  const points: string[] = []
  for (let perSecond = 2; perSecond <= MOST_PER_SECOND; perSecond += 2) {
    const value = curve(perSecond)
    if (value > panel.most) break
    points.push(`${x(panel, perSecond)},${y(panel, value)}`)
  }
  const dashed = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashed}/>`
}

function axes(panel: Panel, title: string): string[] {
  const [right, bottom] = [panel.left + PANEL.width, PANEL.top + PANEL.height]
  const marks: string[] = [label(panel.left, PANEL.top - 16, title, INK.axis, 'start')]
  for (let value = 0; value <= panel.most; value += panel.step) {
    const at = y(panel, value)
    marks.push(`<line x1="${panel.left}" y1="${at}" x2="${right}" y2="${at}" stroke="${INK.grid}"/>`)
    marks.push(label(panel.left - 8, at + 4, String(value), INK.axis, 'end'))
  }
  for (let perSecond = 0; perSecond <= MOST_PER_SECOND; perSecond += 200) {
    marks.push(label(x(panel, perSecond), bottom + 18, String(perSecond), INK.axis, 'middle'))
  }
  marks.push(label((panel.left + right) / 2, bottom + 38, 'arrivals per second', INK.axis, 'middle'))
  return marks
}

function kneeLine(panel: Panel): string[] {
  const at = x(panel, KNEE)
  const bottom = PANEL.top + PANEL.height
  return [
    `<line x1="${at}" y1="${PANEL.top}" x2="${at}" y2="${bottom}" stroke="${INK.knee}" stroke-dasharray="2 3"/>`,
    label(at + 6, bottom - 8, 'knee', INK.knee, 'start'),
  ]
}

function label(left: number, top: number, text: string, colour: string, anchor: string): string {
  return `<text x="${left}" y="${top}" fill="${colour}" text-anchor="${anchor}">${text}</text>`
}

function x(panel: Panel, perSecond: number): number {
  return rounded(panel.left + (perSecond / MOST_PER_SECOND) * PANEL.width)
}

function y(panel: Panel, value: number): number {
  return rounded(PANEL.top + PANEL.height * (1 - value / panel.most))
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

if (import.meta.main) process.stdout.write(kneePicture())
