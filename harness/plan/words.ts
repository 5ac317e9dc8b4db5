import { formatDuration } from '../../core/duration.ts'
import { type LoadPlan, peakOf, plannedMsOf } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'

/** Describes the loads of a run in words: `browse: 20 users for 1m; sale: 50 iterations/s for 10s, from 30s on`. */
export function describeLoads(loads: readonly Pick<RunLoad, 'name' | 'startMs' | 'load'>[]): string {
  return loads
    .map(({ name, startMs, load }) => {
      const start = startMs === 0 ? '' : `, from ${formatDuration(startMs)} on`
      return name === undefined ? describeLoad(load) : `${name}: ${describeLoad(load)}${start}`
    })
    .join('; ')
}

/** Describes a load in words: `0 to 120 users over 40s in 7 stages`. */
export function describeLoad(load: LoadPlan): string {
  const time = formatDuration(plannedMsOf(load))
  switch (load.executor) {
    case 'constant-vus':
      return `${count(load.vus, 'user')} for ${time}`
    case 'ramping-vus':
      return `${load.startVUs} to ${count(peakOf(load), 'user')} over ${time} in ${count(load.stages.length, 'stage')}`
    case 'per-vu-iterations':
      return `${count(load.vus, 'user')}, ${count(load.iterations, 'iteration')} each, at most ${time}`
    case 'shared-iterations':
      return `${count(load.iterations, 'iteration')} shared by ${count(load.vus, 'user')}, at most ${time}`
    case 'constant-arrival-rate':
      return `${rate(load.ratePerSecond, load.timeUnitMs)} for ${time}${spacing(load.arrivals)}`
    case 'ramping-arrival-rate': {
      const [from, to] = [load.startRatePerSecond, peakOf(load)]
      const stages = count(load.stages.length, 'stage')
      return `${tidy((from * load.timeUnitMs) / 1000)} to ${rate(to, load.timeUnitMs)} over ${time} in ${stages}${spacing(load.arrivals)}`
    }
  }
}

function rate(perSecond: number, timeUnitMs: number): string {
  const unit = formatDuration(timeUnitMs)
  return `${count(tidy((perSecond * timeUnitMs) / 1000), 'iteration')}/${unit === '1s' ? 's' : unit}`
}

function spacing(arrivals: 'constant' | 'poisson'): string {
  return arrivals === 'poisson' ? ', poisson arrivals' : ''
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

function tidy(value: number): number {
  return Number(value.toPrecision(4))
}
