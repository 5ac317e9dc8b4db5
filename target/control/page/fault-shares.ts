import type { FaultNow } from '../../../contract/target-page.ts'
import { wilsonInterval } from '../../../core/wilson.ts'
import type { ActiveRule } from '../../faults/active-rule.ts'

const LEVEL = 0.99

/** Returns the configured and the delivered share of a rule. It costs less than its report, which has distributions. */
export function faultShare(rule: ActiveRule, nowMs: number, wallOffsetMs: number): FaultNow {
  const { id, fault, source, book, endsAtMs } = rule
  const { matched, injected, expected } = book
  const configuredShare = matched > 0 ? expected / matched : rule.shareAt(nowMs)
  const { low, high } = wilsonInterval(injected, matched, LEVEL)
  return {
    id,
    type: fault.type,
    source,
    matched,
    injected,
    configuredShare,
    deliveredShare: matched === 0 ? 0 : injected / matched,
    // A share of 1 is the same as an expectation that was added up, but for rounding.
    agrees: configuredShare >= low - 1e-9 && configuredShare <= high + 1e-9,
    ...(Number.isFinite(endsAtMs) && { endsAt: endsAtMs + wallOffsetMs }),
  }
}
