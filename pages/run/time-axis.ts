import type uPlot from 'uplot'
import type { RunFeedState } from '../run-feed.ts'
import { axisLook, valueAxis } from '../widgets/axes.ts'
import { color } from '../widgets/theme.ts'
import { offset } from './offset.ts'
import { type BothEnds, KEPT_SECONDS } from './run-seconds.ts'

/** The events of a run, by time. */
export type Happenings = Pick<RunFeedState, 'marks' | 'phases'>

const SHORTEST_SPAN_S = 30
const LABEL_FONT_PX = 11
const PHASE_ALPHA = 0.1

/** Returns the first and the last time that charts show: the same for all of them. */
export function shownSeconds(seconds: readonly BothEnds[]): [from: number, to: number] {
  const to = (seconds.at(-1)?.second ?? 0) + 1
  const from = Math.max(0, to - KEPT_SECONDS, seconds[0]?.second ?? 0)
  return [from, Math.max(to, from + SHORTEST_SPAN_S)]
}

/** Returns the axes of a chart over the time of the run. @param isCount whether it counts things */
export function timeAxes(isCount = false): uPlot.Axis[] {
  const incrs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600]
  return [{ ...axisLook(), size: 28, incrs, values: (_, splits) => splits.map(offset) }, valueAxis(isCount)]
}

/** Draws phases of the faults as bands behind the lines, and marks as lines with their names. */
export function drawHappenings(plot: uPlot, { marks, phases }: Happenings, hasNames: boolean): void {
  const { ctx } = plot
  const { left, top, width, height } = plot.bbox
  const ratio = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.font = `${LABEL_FONT_PX * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  phases.forEach(({ name, fromMs, toMs }, at) => {
    const [from, to] = [plot.valToPos(fromMs / 1000, 'x', true), plot.valToPos(toMs / 1000, 'x', true)]
    if (at % 2 === 0) {
      ctx.globalAlpha = PHASE_ALPHA
      ctx.fillStyle = color('orange')
      ctx.fillRect(from, top, to - from, height)
      ctx.globalAlpha = 1
    }
    // The name of a short phase ends with its band, and not in the name of the next one.
    const begin = Math.max(from, left)
    if (hasNames) label(ctx, name, begin, top, to - begin)
  })
  ctx.setLineDash([3 * ratio, 3 * ratio])
  ctx.lineWidth = ratio
  ctx.strokeStyle = color('ink')
  marks.forEach(({ atMs, label: name }, at) => {
    const x = Math.round(plot.valToPos(atMs / 1000, 'x', true))
    ctx.beginPath()
    ctx.moveTo(x, top)
    ctx.lineTo(x, top + height)
    ctx.stroke()
    // Marks close to each other would otherwise hide each other's names.
    if (hasNames) label(ctx, name, x, top + ((at % 3) + 1) * LABEL_FONT_PX * 1.3 * ratio)
  })
  ctx.restore()
}

function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, most = Infinity): void {
  const pad = 3 * devicePixelRatio
  const [width, height] = [ctx.measureText(text).width + 2 * pad, LABEL_FONT_PX * 1.3 * devicePixelRatio]
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, Math.max(0, Math.min(width, most)), height)
  ctx.clip()
  ctx.fillStyle = color('paper')
  ctx.globalAlpha = 0.8
  ctx.fillRect(x, y, width, height)
  ctx.globalAlpha = 1
  ctx.fillStyle = color('ink')
  ctx.fillText(text, x + pad, y)
  ctx.restore()
}
