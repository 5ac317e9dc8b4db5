import type { Subject } from '../subject.ts'
import { checkFanOutSkew } from './fan-out-skew.ts'
import { checkGroupLag } from './group-lag.ts'
import { checkReconnects } from './reconnects.ts'

export const recovery: Subject = {
  name: 'recovery',
  title: 'Recovery, lag and fan-out skew',
  question:
    'Does the harness see when connections come back, how far groups are behind, and how far apart consumers are?',
  method:
    'The target cuts its connections, and records each opening. It holds back a known number of events of a group, and all events of some consumers for a known time.',
  async check(bench) {
    const rows = await checkReconnects(bench)
    const others = await Promise.all([checkGroupLag(bench), checkFanOutSkew(bench)])
    return { rows: [...rows, ...others.flat()] }
  },
}
