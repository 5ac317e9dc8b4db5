import type { FaultOf } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { TargetSetup } from '../../contract/target-page.ts'
import { element, write } from '../widgets/element.ts'
import { choiceField, numberField, setChoices, textField } from '../widgets/field.ts'
import { ChangeForm, type ChangeFormOptions } from './change-form.ts'

/** Shared by all forms. */
export type FormEnvironment = Pick<ChangeFormOptions, 'address' | 'expiresAfterMs' | 'onMade'>

/** A form that follows what can be changed now. */
export interface ArrangedForm {
  form: ChangeForm
  arrange: (setup: TargetSetup) => void
}

const ALL = ''
const NEW = ''
const still = () => {}

function operationField() {
  const made = choiceField('of', { [ALL]: 'all operations' })
  const arrange = ({ operations }: TargetSetup) =>
    setChoices(made.control, { [ALL]: 'all operations', ...Object.fromEntries(operations.map(name => [name, name])) })
  return {
    ...made,
    arrange,
    match: () => (made.control.value === ALL ? {} : { match: { operation: made.control.value } }),
  }
}

const wordsOf = (match: { match?: { operation: string } }) => match.match?.operation ?? 'all operations'

export function latencyForm(environment: FormEnvironment): ArrangedForm {
  const operation = operationField()
  const median = numberField('median (ms)', { min: 0, max: 600_000, step: 'any', value: 100 })
  const p99 = numberField('p99 (ms)', { min: 0, max: 600_000, step: 'any', value: 400 })
  const share = numberField('share (%)', { min: 0, max: 100, step: 'any', value: 100 })
  const form = new ChangeForm({
    ...environment,
    title: 'Latency',
    about: 'Delays requests before they are handled. With a p99 that is not above the median, the delay is constant.',
    fields: [median, p99, share, operation],
    set: 'Delay',
    unset: 'Take away',
    wanted() {
      const [medianMs, p99Ms] = [median.control.valueAsNumber, p99.control.valueAsNumber]
      const isSpread = p99Ms > medianMs && medianMs > 0
      const distribution = isSpread
        ? { type: 'lognormal', median: `${medianMs}ms`, p99: `${p99Ms}ms` }
        : `${medianMs}ms`
      const size = isSpread ? `${medianMs} ms in the median, ${p99Ms} ms at p99` : `${medianMs} ms, always the same`
      const match = operation.match()
      return {
        title: `Latency of ${size}, for ${share.control.value} % of ${wordsOf(match)}`,
        place: 'rule',
        name: 'page.latency',
        value: {
          id: 'page.latency',
          ...match,
          share: share.control.valueAsNumber / 100,
          fault: { type: 'delay', distribution },
        },
      }
    },
  })
  return { form, arrange: operation.arrange }
}

export function errorForm(environment: FormEnvironment): ArrangedForm {
  const operation = operationField()
  const share = numberField('share (%)', { min: 0, max: 100, step: 'any', value: 10 })
  const status = choiceField('status', {
    503: '503 unavailable',
    500: '500 internal error',
    429: '429 too many requests',
    404: '404 not found',
  })
  status.control.value = '503'
  const form = new ChangeForm({
    ...environment,
    title: 'Errors',
    about: 'Answers a share of the requests with an error.',
    fields: [share, status, operation],
    set: 'Fail',
    unset: 'Take away',
    wanted() {
      const match = operation.match()
      return {
        title: `Errors: ${share.control.value} % of ${wordsOf(match)} get a ${status.control.value}`,
        place: 'rule',
        name: 'page.errors',
        value: {
          id: 'page.errors',
          ...match,
          share: share.control.valueAsNumber / 100,
          fault: { type: 'status', status: Number(status.control.value) },
        },
      }
    },
  })
  return { form, arrange: operation.arrange }
}

export function stationForm(environment: FormEnvironment): ArrangedForm {
  const operation = operationField()
  const station = choiceField('station', { [NEW]: 'one of this page' })
  const servers = numberField('servers', { min: 1, max: 10_000, step: 1, value: 4 })
  const service = numberField('mean service (ms)', { min: 0.01, max: 600_000, step: 'any', value: 40 })
  const queue = numberField('places to wait', { min: 0, max: 1_000_000, step: 1, value: 100 })
  let rules: readonly FaultRule[] = []
  const form = new ChangeForm({
    ...environment,
    title: 'Station',
    about: 'A queue with servers and exponential service times. Its knee is servers ÷ mean service time.',
    fields: [station, servers, service, queue, operation],
    set: 'Set the station',
    unset: 'Take away',
    wanted() {
      const known = rules.find(({ id }) => id === station.control.value)
      const settings = {
        servers: servers.control.valueAsNumber,
        service: { type: 'exponential', mean: `${service.control.valueAsNumber}ms` },
        queue: queue.control.valueAsNumber,
      }
      const name = known?.id ?? 'page.station'
      const rule =
        known === undefined
          ? { id: name, ...operation.match(), fault: { type: 'capacity', station: 'page', ...settings } }
          : { ...known, fault: { ...known.fault, ...settings } }
      return {
        title: `Station ${known === undefined ? 'page' : name}: ${settings.servers} servers of ${service.control.value} ms, ${settings.queue} places to wait`,
        place: 'rule',
        name,
        value: rule,
      }
    },
  })
  operation.root.classList.add('of-new')
  station.control.addEventListener('change', () => (operation.root.hidden = station.control.value !== NEW))
  function arrange(setup: TargetSetup): void {
    operation.arrange(setup)
    rules = setup.rules.filter(
      ({ id, fault }) => fault.type === 'capacity' && isDefinition(fault) && id !== 'page.station',
    )
    setChoices(station.control, {
      [NEW]: 'one of this page',
      ...Object.fromEntries(rules.map(({ id }) => [id, `of rule ${id}`])),
    })
    operation.root.hidden = station.control.value !== NEW
  }
  return { form, arrange }
}

function isDefinition(fault: FaultOf<'capacity'>): boolean {
  return fault.servers !== undefined
}

export function rateLimitForm(environment: FormEnvironment): ArrangedForm {
  const requests = numberField('requests', { min: 1, max: 1_000_000_000, step: 1, value: 20 })
  const seconds = numberField('per seconds', { min: 1, max: 86_400, step: 1, value: 1 })
  const burst = numberField('burst', { min: 1, max: 1_000_000_000, step: 1, value: 20 })
  const by = choiceField('for each', { client: 'client', user: 'user', tenant: 'tenant' })
  const form = new ChangeForm({
    ...environment,
    title: 'Rate limit',
    about: 'A token bucket. Requests beyond it get a 429 with Retry-After.',
    fields: [requests, seconds, burst, by],
    set: 'Limit',
    unset: 'Take away',
    wanted: () => ({
      title: `Rate limit: ${requests.control.value} requests per ${seconds.control.value} s for each ${by.control.value}`,
      place: 'rate-limit',
      name: 'page',
      value: {
        name: 'page',
        by: by.control.value,
        requests: requests.control.valueAsNumber,
        per: `${seconds.control.value}s`,
        burst: burst.control.valueAsNumber,
      },
    }),
  })
  return { form, arrange: still }
}

export function presetForm(environment: FormEnvironment): ArrangedForm {
  const preset = choiceField('preset', {})
  const description = element('p', { class: 'muted' })
  preset.root.append(description)
  let known: TargetSetup['presets'] = []
  const describe = () => write(description, known.find(({ name }) => name === preset.control.value)?.description ?? '')
  preset.control.addEventListener('change', describe)
  const form = new ChangeForm({
    ...environment,
    title: 'Preset',
    about: 'Well-known trouble under one name.',
    fields: [preset],
    set: 'Switch on',
    unset: 'Switch off',
    wanted: () => ({
      title: `Preset ${preset.control.value}`,
      place: 'preset',
      name: preset.control.value,
      value: true,
    }),
  })
  const arrange = ({ presets }: TargetSetup) => {
    const choices = presets.filter(({ name }) => name !== 'healthy')
    setChoices(
      preset.control,
      Object.fromEntries(choices.map(({ name, isOn }) => [name, isOn ? `${name} (on)` : name])),
    )
    known = choices
    describe()
  }
  return { form, arrange }
}

const EXAMPLE = `phases:
  - name: before
    duration: 10s
  - name: trouble
    duration: 20s
    faults: [brownout]
    ramp: 5s
  - name: after
    duration: 10s
loop: true
`

export function timelineForm(environment: FormEnvironment): ArrangedForm {
  const yaml = textField('timeline (YAML)', EXAMPLE, 10)
  const form = new ChangeForm({
    ...environment,
    title: 'Timeline',
    about: 'Faults by phases, from now on: presets by name, or rules in full.',
    fields: [yaml],
    set: 'Start',
    unset: 'End',
    wanted: () => ({ title: 'Timeline', place: 'timeline', name: '', value: yaml.control.value }),
  })
  // A timeline that is set is a better example, unless a person has begun to write one.
  const arrange = ({ timeline }: TargetSetup) => {
    if (timeline !== undefined && yaml.control.value === EXAMPLE) yaml.control.value = timeline
  }
  return { form, arrange }
}
