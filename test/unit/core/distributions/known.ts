import type { DistributionValue } from '../../../../core/distributions/value.ts'

/** Facts about a distribution from a source other than the code. */
export interface KnownDistribution {
  spec: DistributionValue
  meanMs: number
  deviationMs: number
  /** At the shares of `knownShares`. */
  quantilesMs: number[]
}

export const knownShares = [0.001, 0.1, 0.5, 0.9, 0.99, 0.9999]

/**
 * Worked out to thirty digits with mpmath: quantiles by bisection of the cumulative function, conditional on what is left
 * by `max` and of a normal distribution above zero; means and deviations by quadrature of the density.
 */
export const knownDistributions: KnownDistribution[] = [
  {
    spec: { type: 'exponential', mean: '25ms' },
    meanMs: 25.0,
    deviationMs: 25.0,
    quantilesMs: [
      0.025012508339588336, 2.6340128914456575, 17.328679513998633, 57.564627324851145, 115.12925464970229,
      230.25850929940458,
    ],
  },
  {
    spec: { type: 'exponential', mean: 25, max: 60 },
    meanMs: 19.013873674229476,
    deviationMs: 15.165708426106765,
    quantilesMs: [
      0.02274239235995273, 2.38328012908802, 15.15777571014989, 42.64236678301221, 57.61197870047869, 59.97495460867138,
    ],
  },
  {
    spec: { type: 'normal', mean: 20, sd: '5ms' },
    meanMs: 20.000669172322343,
    deviationMs: 4.998661431399564,
    quantilesMs: [
      4.5951534490447115, 13.593054178617624, 20.00019847007573, 26.407848061082287, 31.63179878696584,
      38.59512243217384,
    ],
  },
  {
    spec: { type: 'normal', mean: 10, sd: 20 },
    meanMs: 20.18320867674067,
    deviationMs: 13.94525633606449,
    quantilesMs: [
      0.03926110091060837, 3.768606134165723, 17.937423501790892, 39.64359356881814, 59.23336629820176,
      86.22404741080487,
    ],
  },
  {
    spec: { type: 'normal', mean: 20, sd: 5, max: 22 },
    meanMs: 17.1914717149241,
    deviationMs: 3.3871301087170624,
    quantilesMs: [
      3.9998392893875905, 12.451918438450646, 17.769004360647433, 21.13621668576525, 21.911328334917133,
      21.99911020922418,
    ],
  },
  {
    spec: { type: 'lognormal', median: 20, p99: '200ms' },
    meanMs: 32.641021110407024,
    deviationMs: 42.100472640369276,
    quantilesMs: [0.9390050184736989, 5.625283136041715, 20.0, 71.1075318924238, 200.0, 793.7435184370834],
  },
  {
    spec: { type: 'lognormal', median: 50, p99: 55 },
    meanMs: 50.04198087893469,
    deviationMs: 2.051074300126703,
    quantilesMs: [44.054018606420485, 47.44247853361303, 50.0, 52.695391920317746, 55.0, 58.22941521249626],
  },
  {
    spec: { type: 'lognormal', mu: 3, sigma: 0.5 },
    meanMs: 22.75989509352673,
    deviationMs: 12.129666457739875,
    quantilesMs: [
      4.283985838535658, 10.582738360954066, 20.085536923187668, 38.121399181635326, 64.27520464347153,
      128.96076911580306,
    ],
  },
  {
    spec: { type: 'lognormal', median: 20, p99: 200, max: '300ms' },
    meanMs: 31.42045058418234,
    deviationMs: 34.92621890426101,
    quantilesMs: [
      0.9381458523968221, 5.61541520383867, 19.92299909130136, 70.00508855691967, 180.70930223040583, 296.9276150685479,
    ],
  },
  {
    spec: { type: 'pareto', shape: 2.5, scale: 10 },
    meanMs: 16.666666666666668,
    deviationMs: 14.907119849998598,
    quantilesMs: [
      10.004002802241907, 10.430448815106327, 13.195079107728942, 25.118864315095802, 63.09573444801932,
      398.10717055349727,
    ],
  },
  {
    spec: { type: 'pareto', shape: 1, scale: 10, max: '1s' },
    meanMs: 46.51687056553628,
    deviationMs: 88.52220485725118,
    quantilesMs: [
      10.009909810712605, 11.098779134295228, 19.801980198019802, 91.74311926605505, 502.51256281407035,
      990.1970492127933,
    ],
  },
  {
    spec: { type: 'pareto', shape: 0.8, scale: 10, max: '10s' },
    meanMs: 119.71948005605141,
    deviationMs: 502.06166154031433,
    quantilesMs: [
      10.012464202428013, 11.401363268371973, 23.666312144067412, 170.17257855380498, 2087.4805040727792,
      9695.83413076876,
    ],
  },
  {
    spec: { type: 'gamma', shape: 0.3, scale: 10 },
    meanMs: 3.0,
    deviationMs: 5.477225575051661,
    quantilesMs: [
      6.97269909678335e-10, 0.003237246218234328, 0.731311358669519, 8.84810773360244, 26.39409157070534,
      66.9465979542179,
    ],
  },
  {
    spec: { type: 'gamma', shape: 2.5, scale: 10 },
    meanMs: 25.0,
    deviationMs: 15.811388300841896,
    quantilesMs: [
      1.0510630131460958, 8.051539934811615, 21.757300955477636, 46.18178449890559, 75.43136234694495,
      128.72415979527938,
    ],
  },
  {
    spec: { type: 'gamma', shape: 100, scale: 1 },
    meanMs: 100.0,
    deviationMs: 10.0,
    quantilesMs: [
      71.9213974950004, 87.41763649959366, 99.66686491931549, 113.01052385984448, 124.7225614907208, 141.53012691212078,
    ],
  },
  {
    spec: { type: 'gamma', shape: 2.5, scale: 10, max: 40 },
    meanMs: 19.77465863736056,
    deviationMs: 9.594908732129937,
    quantilesMs: [
      0.9800350552174173, 7.388729196110478, 19.014848723752937, 33.70586951850482, 39.25218288827957,
      39.992346828295275,
    ],
  },
  {
    spec: { type: 'weibull', shape: 0.7, scale: 10 },
    meanMs: 12.658235060572833,
    deviationMs: 18.511714003984487,
    quantilesMs: [
      0.0005183177169149537, 0.4016294528213604, 5.923901129521338, 32.9193297216494, 88.61226442739193,
      238.52652752483218,
    ],
  },
  {
    spec: { type: 'weibull', shape: 3, scale: 10 },
    meanMs: 8.929795115692492,
    deviationMs: 3.245502809557846,
    quantilesMs: [
      1.0001667500540519, 4.723087185696629, 8.849970445005177, 13.205004784536852, 16.637263492000493,
      20.961638486218906,
    ],
  },
  {
    spec: { type: 'weibull', shape: 0.7, scale: 10, max: 30 },
    meanMs: 7.366275487472792,
    deviationMs: 7.493198567797868,
    quantilesMs: [
      0.00043485866075831996, 0.3339795669830256, 4.634992402103292, 19.386582917464743, 28.54643704839999,
      29.984810107776795,
    ],
  },
  {
    spec: {
      type: 'mixture',
      components: [
        { weight: 9, distribution: { type: 'exponential', mean: 5 } },
        { weight: 1, distribution: { type: 'lognormal', median: 200, p99: 900 } },
      ],
    },
    meanMs: 29.149075193420362,
    deviationMs: 91.78275377446863,
    quantilesMs: [
      0.005558644263452389, 0.5889151782819173, 4.054651080055083, 37.60667928809696, 458.0104311944646,
      1474.7986475267896,
    ],
  },
]
