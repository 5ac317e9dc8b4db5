/** Customers who come at a steady rate, so that their number is known beforehand. Each looks at a product and places an event. */
import { scenario, user } from 'loadcell'

export default scenario({
  warmup: 0,
  load: {
    executor: 'constant-arrival-rate',
    rate: 60,
    duration: '12s',
    preAllocatedVUs: 30,
    maxVUs: 300,
    gracefulStop: '20s',
  },
  users: [
    user('customer', {
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      async iterate({ http, fake, check }) {
        check(await http.get('/api/v1/products/7'), { 'is there': ({ status }) => status === 200 })
        await http.post('/v1/events/publish', { json: fake.orderCreated() })
      },
    }),
  ],
})
