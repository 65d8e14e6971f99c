import type { Schemas } from '~/api/http'

export type Board = Schemas['Board']
export type Column = Schemas['Column']
export type Card = Schemas['BoardCard']

/** The board with one deal moved to the top of another column, as it will be once the server agrees. */
export function moved(board: Board, dealId: string, toStage: string, now: string): Board {
  const from = board.columns.find((column) => column.cards.some((card) => card.id === dealId))
  const card = from?.cards.find((each) => each.id === dealId)
  if (!from || !card || from.stage_id === toStage) return board
  return {
    ...board,
    columns: board.columns.map((column) => {
      if (column.stage_id === from.stage_id) {
        const cards = column.cards.filter((each) => each.id !== dealId)
        return { ...column, cards, count: column.count - 1, sums: added(column.sums, card, -1) }
      }
      if (column.stage_id === toStage) {
        const cards = [{ ...card, stage_entered_at: now }, ...column.cards]
        return { ...column, cards, count: column.count + 1, sums: added(column.sums, card, 1) }
      }
      return column
    }),
  }
}

/** The board with the newest version of a deal, wherever it stands. */
export function refreshed(board: Board, deal: Pick<Card, 'id' | 'version' | 'amount' | 'title'>): Board {
  const { id, version, amount, title } = deal
  const fresh = (card: Card) => (card.id === id ? { ...card, version, amount, title } : card)
  return { ...board, columns: board.columns.map((column) => ({ ...column, cards: column.cards.map(fresh) })) }
}

/** The board with more cards under those a column shows; a card that is there already is not shown twice. */
export function extended(board: Board, stageId: string, cards: readonly Card[], cursor: string | null): Board {
  const shown = new Set(board.columns.flatMap((column) => column.cards.map((card) => card.id)))
  const fresh = cards.filter((card) => !shown.has(card.id))
  return {
    ...board,
    columns: board.columns.map((column) =>
      column.stage_id === stageId ? { ...column, cards: [...column.cards, ...fresh], next_cursor: cursor } : column,
    ),
  }
}

function added(sums: Column['sums'], card: Card, sign: 1 | -1): Column['sums'] {
  const cents = (amount: string) => BigInt(Math.round(Number(amount) * 100))
  const known = sums.some((sum) => sum.currency === card.currency)
  const all = known ? sums : [...sums, { currency: card.currency, amount: '0.00' }]
  return all.map((sum) => {
    if (sum.currency !== card.currency) return sum
    const total = cents(sum.amount) + BigInt(sign) * cents(card.amount)
    return { ...sum, amount: `${total / 100n}.${String(total % 100n).padStart(2, '0')}` }
  })
}
