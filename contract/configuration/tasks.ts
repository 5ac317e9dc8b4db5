import { Type } from 'typebox'
import { closed } from './value.ts'

export const TasksConfiguration = Type.Object(
  {
    seeded: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 300,
      description: 'Tasks every tenant has from the start.',
    }),
    kept: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'Tasks a tenant may have; past it the oldest that were made are forgotten.',
    }),
  },
  closed,
)
