import type { Command } from 'commander'
import type { NameMap } from '../../../calibration/audit/names.ts'
import type { Tool } from '../../../calibration/audit/tool.ts'
import { operationNames } from '../../../contract/api/operations.ts'
import { nearest } from '../../../core/nearest.ts'
import { keyValue } from '../../options/arguments.ts'
import { InputError } from '../../process/input-error.ts'

/** Flags that say how the report of a tool is read. */
export interface ReportFlags {
  tool?: string
  columns?: string
  name: Record<string, string>
}

export function withReportFlags(command: Command): Command {
  return command
    .option('--tool <name>', 'load tool whose report it is (default: by the program, or by the report itself)')
    .option('--columns <mapping>', 'columns of a CSV or JSON report with one row a request, of a tool without a reader')
    .option('--name <name=operation>', 'operation that a name of the tool stands for; may be repeated', keyValue, {})
}

export const columnsHelp = `
--columns maps members of a request to columns: elapsed (with its unit: ns, us, ms or s), and as far as they are there name, method,
path, status, startedAt (with its unit, or iso), failed (with the value that means it), error and bytes. For example
  --columns name=label,elapsed=took:ms,status=code,startedAt=time:ms,failed=success:false`

/**
 * Returns the tool that the user named, or a reader of the columns that they named.
 * @throws InputError for a tool or a mapping that does not exist, and for both together.
 */
export async function toolIn({ tool, columns }: ReportFlags): Promise<Tool | undefined> {
  const { columnsTool } = await import('../../../calibration/audit/tools/columns.ts')
  const { toolNamed } = await import('../../../calibration/audit/tools.ts')
  if (tool !== undefined && columns !== undefined)
    throw new InputError('--tool and --columns both say how the report is read', 'Leave one of them out.')
  return readable(() =>
    tool !== undefined ? toolNamed(tool) : columns !== undefined ? columnsTool(columns) : undefined,
  )
}

/** Calls what reads a report. @throws InputError in the place of a ReportError */
export async function readable<T>(read: () => T): Promise<T> {
  const { ReportError } = await import('../../../calibration/audit/tool.ts')
  try {
    return read()
  } catch (error) {
    throw error instanceof ReportError ? new InputError(error.message) : error
  }
}

/** @throws InputError for an operation that does not exist. */
export function namesIn({ name }: ReportFlags): NameMap {
  return new Map(
    Object.entries(name).map(([name, operation]) => {
      const known = operationNames.find(each => each === operation)
      if (known !== undefined) return [name, known]
      const meant = nearest(operation, operationNames)
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`
      throw new InputError(`--name: there is no operation ${JSON.stringify(operation)}${hint}`)
    }),
  )
}
