export { CardDeals } from './CardDeals'
export { type Deal, type Pipeline, pipelinesQuery, type Stage, useStages } from './queries'
