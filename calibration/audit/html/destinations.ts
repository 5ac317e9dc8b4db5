import { formatCount } from '../../../core/number-format.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, numeric, section, table } from '../../../harness/report/html/table.ts'
import { counted, formatPart } from '../../../harness/report/quantity.ts'
import type { AccountRow, Accounting, AuditResult } from '../audit-result.ts'
import { prose } from './prose.ts'

type RequestClass = Exclude<keyof AccountRow, 'operation' | 'arrivals' | 'tool'>

interface ClassDescription {
  id: RequestClass
  title: string
  meaning: string
}

/** Classes that add up to the requests that arrived. */
const arrivedClasses: readonly ClassDescription[] = [
  { id: 'counted', title: 'Counted by both', meaning: 'Received, handled by its operation, and reported.' },
  {
    id: 'rejected',
    title: 'Refused',
    meaning: 'Reported, but refused before its operation: a bad token, or a path that nothing serves.',
  },
  {
    id: 'inFlight',
    title: 'In flight',
    meaning: 'The tool stopped before the answer, or did not read it.',
  },
  { id: 'late', title: 'Too late', meaning: 'Answered in full after the tool had stopped counting.' },
  {
    id: 'resent',
    title: 'Sent again',
    meaning: 'Broken, sent again on a new connection by the tool’s client, and counted once.',
  },
  { id: 'warmUp', title: 'Warm-up', meaning: 'Sent by the tool to open its connections, before it began to count.' },
  { id: 'missing', title: 'Not reported', meaning: 'Answered, and not reported by the tool for no known reason.' },
]

const neverReceived: ClassDescription = {
  id: 'neverReceived',
  title: 'Never received',
  meaning: 'Reported by the tool only: it had no connection, or did not send it.',
}

const reportedClasses: readonly ClassDescription[] = [...arrivedClasses.slice(0, 2), neverReceived]

/** Most names that are listed because no operation was found for them. */
const MOST_NAMES = 20

/** The part of the page that accounts for every request. */
export function destinations({ accounting, tool }: AuditResult): Markup {
  const { total, operations } = accounting
  if (total.arrivals === 0 && total.tool === 0) {
    return section('accounting', 'Where every request went', html`<p>No request arrived, and none was reported.</p>\n`)
  }
  return section(
    'accounting',
    'Where every request went',
    tool === undefined
      ? html`<p>${counted(total.arrivals, 'request')} arrived. There is no report of the tool to account for them.</p>\n`
      : html`${bars(total)}${classTable(total)}${operations.length > 1 && operationTable(operations)}${unmatched(accounting)}${setAside(accounting)}`,
  )
}

/** Returns a bar for each side, on one scale, and with the classes of both first. */
function bars(total: AccountRow): Markup {
  const scale = Math.max(total.arrivals, total.tool)
  return html`<div class="bars">
<span>Received</span>${bar(total, arrivedClasses, scale)}<span class="number">${formatCount(total.arrivals)}</span>
<span>Reported</span>${bar(total, reportedClasses, scale)}<span class="number">${formatCount(total.tool)}</span>
</div>
`
}

const BAR = { width: 1000, height: 22 }
/** Keeps a small class visible. */
const NARROWEST = 4

function bar(total: AccountRow, classes: readonly ClassDescription[], scale: number): Markup {
  const shown = classes.filter(({ id }) => total[id] > 0)
  const widths = shown.map(({ id }) => Math.max(NARROWEST, (BAR.width * total[id]) / scale))
  const excess = Math.max(0, widths.reduce((sum, width) => sum + width, 0) - BAR.width)
  const widest = widths.indexOf(Math.max(...widths))
  let left = 0
  const parts = shown.map(({ id }, index) => {
    const width = widths[index]! - (index === widest ? excess : 0)
    const part = html`<rect class="class-${id}" x="${left.toFixed(1)}" width="${width.toFixed(1)}" height="${BAR.height}"/>`
    left += width
    return part
  })
  return html`<svg class="bar" viewBox="0 0 ${BAR.width} ${BAR.height}" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`
}

/** Classes in the table even without requests: a zero is good news here. */
const alwaysShown = new Set<RequestClass>(['counted', 'missing', 'neverReceived'])

function classTable(total: AccountRow): Markup {
  const columns: Column<ClassDescription>[] = [
    {
      title: 'Class',
      kind: 'head',
      cell: ({ id, title }) =>
        html`<svg class="swatch" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="class-${id}" width="10" height="10"/></svg>${title}`,
    },
    numeric('Requests', ({ id }) => formatCount(total[id])),
    numeric('Of those received', ({ id }) =>
      id === 'neverReceived' || total.arrivals === 0 ? '–' : formatPart(total[id], total.arrivals),
    ),
    { title: 'Meaning', kind: 'prose', cell: ({ meaning }) => meaning },
  ]
  const shown = [...arrivedClasses, neverReceived].filter(({ id }) => total[id] > 0 || alwaysShown.has(id))
  return html`${table('Classes of requests', columns, shown)}
<p class="aside">All classes but <em>never received</em> add up to the ${formatCount(total.arrivals)} requests that the target received. Counted, refused and never received
add up to the ${formatCount(total.tool)} that the tool reports.</p>
`
}

function operationTable(operations: readonly AccountRow[]): Markup {
  const isShown = ({ id }: ClassDescription) => operations.some(row => row[id] > 0)
  const columns: Column<AccountRow>[] = [
    { title: 'Operation', kind: 'head', cell: ({ operation }) => operation },
    numeric('Received', ({ arrivals }) => formatCount(arrivals)),
    ...arrivedClasses.filter(isShown).map(({ id, title }) => numeric<AccountRow>(title, row => formatCount(row[id]))),
    numeric('Reported', ({ tool }) => formatCount(tool)),
    ...[neverReceived].filter(isShown).map(({ id, title }) => numeric<AccountRow>(title, row => formatCount(row[id]))),
  ]
  return html`<h3>By operation</h3>
${table('Where the requests of each operation went', columns, operations)}`
}

/** Requests that are in none of the classes. */
function setAside({ setAside: apart = [] }: Accounting): Markup | undefined {
  if (apart.length === 0) return undefined
  const each = apart.map(({ operation, arrivals, reason }) => `${formatCount(arrivals)} of ${operation}: ${reason}`)
  return html`<p>More arrived that are not compared. ${prose(`${each.join('; ')}.`)}</p>
`
}

function unmatched({ unmatchedNames }: Accounting): Markup | undefined {
  if (unmatchedNames.length === 0) return undefined
  const shown = unmatchedNames.slice(0, MOST_NAMES)
  const more = unmatchedNames.length - shown.length
  const columns: Column<Accounting['unmatchedNames'][number]>[] = [
    { title: 'Name', kind: 'head', cell: ({ name }) => name },
    numeric('Requests', ({ requests }) => formatCount(requests)),
    { title: 'Why it is not compared', kind: 'prose', cell: ({ reason }) => prose(reason) },
  ]
  return html`<h3>Names of the tool without an operation</h3>
<p>Say with <code>--name</code> which operation each of them stands for.</p>
${table('Names that are not compared', columns, shown)}${more > 0 && html`<p class="aside">And ${counted(more, 'more name')}.</p>\n`}`
}
