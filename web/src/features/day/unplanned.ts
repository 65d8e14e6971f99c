import type { Schemas } from '~/api/http'

/** A deal of mine for which nothing is planned, and its stage. */
export interface Unplanned {
  card: Schemas['BoardCard']
  stage: string
}

/** My open deals without a next step, those furthest on their way first; the board's first cards of each stage. */
export function unplanned(board: Schemas['Board'], me: string): Unplanned[] {
  return board.columns
    .filter((column) => column.kind === 'open')
    .toReversed()
    .flatMap((column) =>
      column.cards
        .filter((card) => card.owner_id === me && card.next_task_due_at === null)
        .map((card) => ({ card, stage: column.name })),
    )
}
