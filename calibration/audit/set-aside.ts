import type { OperationName } from '../../contract/api/operations.ts'
import type { SetAside } from './audit-result.ts'
import type { MatchedNames } from './names.ts'
import type { ToolReport } from './tool-report.ts'
import { accountsOf, areRecordsComplete, arrivalsIn, isFollowed, periodOf, type Truth } from './truth.ts'

/**
 * Sets the openings of streams and WebSockets aside, where the tool does not count them as requests: neither under a name, nor in its total.
 * @returns what is left to compare, and what is not.
 */
export function setAside(
  truth: Truth,
  report: ToolReport,
  names: MatchedNames,
): { truth: Truth; setAside: SetAside[] } {
  const named = new Set(names.operations.map(({ operation }) => operation))
  const openings = accountsOf(truth).filter(({ operation }) => isFollowed(operation) && !named.has(operation))
  const others = arrivalsIn(truth.ledger) - arrivalsIn({ operations: openings })
  if (openings.length === 0 || report.total.requests > others) return { truth, setAside: [] }
  const apart = new Set<OperationName>(openings.map(({ operation }) => operation))
  const records = truth.records.filter(({ operation }) => !apart.has(operation))
  return {
    truth: {
      ledger: {
        ...truth.ledger,
        ...(areRecordsComplete(truth) && periodOf(records)),
        operations: truth.ledger.operations.filter(({ operation }) => !apart.has(operation)),
      },
      records,
    },
    setAside: openings.map(({ operation, arrivals }) => ({
      operation,
      arrivals,
      reason: 'the tool does not count them as requests',
    })),
  }
}
