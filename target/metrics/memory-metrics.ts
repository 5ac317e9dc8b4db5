import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { MemoryBudget } from '../memory/budget.ts'

/** The memory budget: how much there is, which table takes how much, and what had to give way or was refused. */
export function registerMemoryMetrics(registry: Registry, memory: MemoryBudget): void {
  const metrics = [
    new Gauge({
      registers: [],
      name: 'loadcell_memory_budget_bytes',
      help: 'Limit in bytes on all the memory that clients can fill.',
      collect() {
        this.set(memory.limitBytes)
      },
    }),
    new Gauge({
      registers: [],
      name: 'loadcell_memory_used_bytes',
      help: 'Estimated bytes of the memory budget in use.',
      labelNames: ['table'],
      collect() {
        this.reset()
        for (const { name, bytes } of memory.tables.values()) this.set({ table: name }, bytes)
      },
    }),
    new Counter({
      registers: [],
      name: 'loadcell_memory_forgotten_total',
      help: 'Entries forgotten because the memory budget was spent: events, answers, orders and others.',
      labelNames: ['table'],
      collect() {
        this.reset()
        for (const { name, forgotten } of memory.tables.values()) this.inc({ table: name }, forgotten)
      },
    }),
    new Counter({
      registers: [],
      name: 'loadcell_memory_refused_total',
      help: 'Requests, connections, subscriptions and insertions refused because the memory budget was spent.',
      collect() {
        this.reset()
        this.inc(memory.refused)
      },
    }),
  ]
  for (const metric of metrics) registry.registerMetric(metric)
}
