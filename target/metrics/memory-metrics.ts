import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { MemoryBudget } from '../memory/budget.ts'

/** The memory budget: how much there is, which table takes how much, and what had to give way or was refused. */
export function registerMemoryMetrics(registry: Registry, memory: MemoryBudget): void {
  const metrics = [
    new Gauge({
      registers: [],
      name: 'loadcell_memory_budget_bytes',
      help: 'Bytes that everything clients can make grow may take together.',
      collect() {
        this.set(memory.limitBytes)
      },
    }),
    new Gauge({
      registers: [],
      name: 'loadcell_memory_used_bytes',
      help: 'Bytes of the memory budget that are in use, by estimate.',
      labelNames: ['table'],
      collect() {
        this.reset()
        for (const { name, bytes } of memory.tables.values()) this.set({ table: name }, bytes)
      },
    }),
    new Counter({
      registers: [],
      name: 'loadcell_memory_forgotten_total',
      help: 'Entries that were forgotten for want of memory: events, answers, orders and the like.',
      labelNames: ['table'],
      collect() {
        this.reset()
        for (const { name, forgotten } of memory.tables.values()) this.inc({ table: name }, forgotten)
      },
    }),
    new Counter({
      registers: [],
      name: 'loadcell_memory_refused_total',
      help: 'Requests, connections and subscriptions that were refused for want of memory.',
      collect() {
        this.reset()
        this.inc(memory.refused)
      },
    }),
  ]
  for (const metric of metrics) registry.registerMetric(metric)
}
