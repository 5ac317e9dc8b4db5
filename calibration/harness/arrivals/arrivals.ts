import type { Subject } from '../subject.ts'
import { checkClosedArrivals } from './closed-arrivals.ts'
import { checkOpenArrivals } from './open-arrivals.ts'

export const arrivals: Subject = {
  name: 'arrivals',
  title: 'Arrivals',
  question: 'Does every iteration begin once, when it is planned, under every executor?',
  method:
    'The plan is computed a second time, by another formula, and compared with what began by a clock of the calibration and with what arrived at the target.',
  async check(bench) {
    return { rows: [...(await checkOpenArrivals(bench)), ...(await checkClosedArrivals(bench))] }
  },
}
